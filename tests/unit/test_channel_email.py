"""E-mail as a channel: addresses and messages."""

import pytest

from delivery.channels import email
from delivery.errors import ComposingError
from delivery.ports import Channel
from tests.unit.rendering.mails import ENVELOPE, content, parsed


def test_is_a_channel():
    channel: Channel = email
    assert channel.accepts("a@example.com") == "a@example.com"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("anna@example.com", "anna@example.com"),
        ("Anna.Smith+tag@EXAMPLE.com", "Anna.Smith+tag@example.com"),
        ("a@sub.domain.test", "a@sub.domain.test"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("zoë@example.com", "zoë@example.com"),
        ("用户@例子.test", "用户@xn--fsqu00a.test"),
        ("a@localhost.localdomain", "a@localhost.localdomain"),
        ("o'hara@example.com", "o'hara@example.com"),
    ],
)
def test_accepts_and_normalises(given: str, stored: str):
    assert email.accepts(given) == stored
    assert email.accepts(stored) == stored


@pytest.mark.parametrize(
    "given",
    [
        "", "a", "@", "a@", "@b.c", "a@localhost", "a b@c.d", "a@b..c", "a@-b.com", "a@b.c\n",
        "a@b.c\r\nBcc: x@y.z", "Anna <a@b.c>", "a@[127.0.0.1]", '"a b"@c.de', "a@b.c,d@e.f",
        "a\0@b.c", ".a@b.com", "a..b@c.com", "x" * 65 + "@example.com", "a@" + "b" * 250 + ".com",
        "a\u2028@b.com", "\ud800@b.com",
    ],
)  # fmt: skip
def test_refuses_what_is_no_address(given: str):
    assert email.accepts(given) is None


def test_composes_a_message_for_the_wire():
    message = email.compose(content("Hi", "Text", "<p>Zoë</p>"), "anna@example.org", ENVELOPE)
    assert message.recipient == "anna@example.org"
    assert message.return_path == ENVELOPE.return_path
    assert message.delivery_id == ENVELOPE.delivery_id
    assert message.eight_bit
    assert not message.utf8_address
    assert parsed(message.payload)["Subject"] == "Hi"


def test_plain_ascii_needs_no_extension_of_smtp():
    message = email.compose(content(), "anna@example.org", ENVELOPE)
    assert not message.eight_bit
    assert not message.utf8_address


def test_an_address_that_is_not_ascii_needs_smtputf8():
    message = email.compose(content(), "zoë@example.org", ENVELOPE)
    assert message.utf8_address
    assert message.eight_bit


def test_whatever_it_accepts_it_can_compose_for():
    for given in (
        "o'hara@example.com",
        "用户@例子.test",
        "a{b}|c@example.com",
        "!#$%&*/=?^_`~-@a.bc",
    ):
        stored = email.accepts(given)
        assert stored is not None
        assert email.compose(content(), stored, ENVELOPE).recipient == stored


def test_refuses_what_it_would_not_have_accepted():
    with pytest.raises(ComposingError):
        email.compose(content(), "a@b.c>\r\nBcc: <x@y.z", ENVELOPE)
