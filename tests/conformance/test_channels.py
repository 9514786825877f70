"""What every channel keeps to, also one that is made tomorrow."""

from datetime import timedelta
from typing import Any

import pytest

from delivery.envelopes import envelope, letterhead
from delivery.errors import ComposingError
from delivery.messages import Content, Envelope, Message
from delivery.registry import all_channels
from models.records import Profile
from tests.values import NOW, make_due, make_topic

CHANNELS = all_channels()
EXAMPLES = {"email": "anna@example.com", "in_app": "anna"}
"""An address of each channel: a new channel says here what one looks like."""

NASTY = [
    "",
    " ",
    "\0",
    "a\nb",
    "\ud800",
    "a" * 100_000,
    " anna@example.com",
    "anna@example.com\r\n",
]
CONTENTS = {
    "plain": Content("Hello", "Hello Anna\r\n", "<p>Hello</p>"),
    "empty": Content("", "", ""),
    "no html": Content("Hello", "Hello", None),
    "typographic": Content("Grüße 🙂 “x”", "Zeile\r\n", "<p>Grüße 🙂</p>"),
    "dots": Content("..", "..\r\n.\r\n\r\n", "<p>.</p>\r\n.\r\n"),
    "long lines": Content("x" * 3000, "y" * 3000, "<p>" + "z" * 3000 + "</p>"),
    "control": Content("a\x07b", "a\x0bb\x7f", "<p>\x1b[31m</p>"),
    "surrogate": Content("a\ud800", "b\udfff", "<p>\ud800</p>"),
    "linked": Content("Hello", "x", "<a href='https://x.test'>x</a>", "https://x.test/a"),
}


@pytest.fixture(params=CHANNELS, ids=str)
def key(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def cover(**changes: Any) -> Envelope:
    head = letterhead("Tidings <news@example.com>", "", "https://x.test", b"s" * 32, timedelta(1))
    profile = Profile("anna", changes.pop("name", "Anna"))
    return envelope(head, make_due(**changes), make_topic(), profile, NOW)


def test_says_what_an_address_of_it_looks_like(key: str):
    assert key in EXAMPLES, f"add an address of channel {key} to EXAMPLES"
    assert CHANNELS[key].accepts(EXAMPLES[key]) == EXAMPLES[key]


def test_explains_itself(key: str):
    assert CHANNELS[key].__doc__


@pytest.mark.parametrize("address", NASTY, ids=ascii)
def test_refuses_what_is_no_address_without_raising(key: str, address: str):
    accepted = CHANNELS[key].accepts(address)
    assert accepted is None or accepted == CHANNELS[key].accepts(accepted)
    assert accepted is None or "\n" not in accepted or key == "in_app"


def test_an_accepted_address_stays_as_it_is(key: str):
    once = CHANNELS[key].accepts(EXAMPLES[key].upper())
    assert once is not None
    assert CHANNELS[key].accepts(once) == once


@pytest.mark.parametrize("name", CONTENTS)
def test_composes_every_content_or_says_why_not(key: str, name: str):
    made = composed(key, CONTENTS[name])
    if isinstance(made, ComposingError):
        assert str(made)
        assert EXAMPLES[key] not in str(made), "an error never shows the address"
        return
    assert made.delivery_id == make_due().delivery_id
    assert made.recipient == EXAMPLES[key]
    assert made.eight_bit or made.payload.isascii() or key != "email"


def composed(key: str, content: Content) -> Message | ComposingError:
    try:
        return CHANNELS[key].compose(content, EXAMPLES[key], cover())
    except ComposingError as error:
        return error


def test_composing_twice_makes_the_same_bytes(key: str):
    made = {
        CHANNELS[key].compose(CONTENTS["typographic"], EXAMPLES[key], cover()).payload
        for _ in range(3)
    }
    assert len(made) == 1


@pytest.mark.parametrize("name", ["Anna\r\nBcc: all@x.test", "\0", "a" * 5000, "Ännä 🙂", '"', ""])
def test_a_name_cannot_write_a_header(key: str, name: str):
    try:
        payload = CHANNELS[key].compose(CONTENTS["plain"], EXAMPLES[key], cover(name=name)).payload
    except ComposingError:
        return
    assert b"\nBcc:" not in payload
