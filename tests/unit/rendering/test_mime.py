"""The bytes of a mail, read back by the standard library."""

import re

import pytest
from hypothesis import example, given, settings, strategies as st

from delivery.errors import ComposingError
from delivery.rendering.mime import compose, seven_bit
from delivery.rendering.transfer import body
from tests.unit.rendering.mails import (
    ADDRESS,
    ANY_TEXT,
    BODIES,
    ENVELOPE,
    assert_fit_for_the_wire,
    content,
    envelope,
    normal,
    parsed,
    part,
)


def test_has_the_headers_of_a_well_behaved_sender():
    message = parsed(compose(content(), ADDRESS, ENVELOPE))
    assert dict(message.items()) | {"Content-Type": ""} == {
        "From": "Tidings <news@example.com>",
        "To": "Anna <anna@example.org>",
        "Subject": "Hello",
        "Date": "Sun, 22 Nov 2026 09:30:00 +0000",
        "Message-ID": "<50850000-0000-8000-8000-00000000002a@news.example.com>",
        "MIME-Version": "1.0",
        "List-Id": "<updates.example.com>",
        "List-Unsubscribe": "<https://example.com/u/TOKEN>, <mailto:u+1@bounce.example.com>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": ":board.shared:updates:tidings",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "X-Tidings-Delivery": "50850000-0000-8000-8000-00000000002a",
        "Content-Type": "",
    }


def test_says_where_answers_go_only_if_that_is_elsewhere():
    said = envelope(reply_to='"Zoë, Support" <zoe@example.com>')
    message = parsed(compose(content(), ADDRESS, said))
    (to,) = message["Reply-To"].addresses
    assert (to.display_name, to.addr_spec) == ("Zoë, Support", "zoe@example.com")
    assert "Reply-To" not in parsed(compose(content(), ADDRESS, ENVELOPE))


def test_no_header_is_there_twice():
    names = [name.lower() for name, _ in parsed(compose(content(), ADDRESS, ENVELOPE)).items()]
    assert len(names) == len(set(names))


def test_the_text_comes_before_the_html():
    message = parsed(compose(content(), ADDRESS, ENVELOPE))
    assert message.get_content_type() == "multipart/alternative"
    kinds = [each.get_content_type() for each in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]


def test_content_without_html_is_one_text():
    payload = compose(content(html=None, text="Zoë"), ADDRESS, ENVELOPE)
    message = parsed(payload)
    assert message.get_content_type() == "text/plain"
    assert message.get_content().strip() == "Zoë"
    assert_fit_for_the_wire(payload)


def test_only_bulk_mail_says_so():
    assert "Precedence" not in parsed(compose(content(), ADDRESS, ENVELOPE))
    bulk = compose(content(), ADDRESS, envelope(bulk=True, campaign="Black Friday: 50%"))
    assert parsed(bulk)["Precedence"] == "bulk"
    assert parsed(bulk)["Feedback-ID"] == "black-friday-50:board.shared:updates:tidings"


def test_mail_one_cannot_unsubscribe_from_has_no_unsubscribe_headers():
    message = parsed(compose(content(), ADDRESS, envelope(unsubscribe_url=None)))
    assert "List-Unsubscribe" not in message
    assert "List-Unsubscribe-Post" not in message


def test_unsubscribe_headers_stay_on_one_line_however_long():
    url = "https://example.com/u/" + "t" * 800
    payload = compose(content(), ADDRESS, envelope(unsubscribe_url=url))
    line = f"\r\nList-Unsubscribe: <{url}>, <mailto:u+1@bounce.example.com>\r\n"
    assert line.encode() in payload


def test_the_same_arguments_give_the_same_bytes():
    assert compose(content(), ADDRESS, ENVELOPE) == compose(content(), ADDRESS, ENVELOPE)


def test_bodies_go_out_as_they_are():
    payload = compose(content(text="Zoë\r\n", html="<p>plain</p>\r\n"), ADDRESS, ENVELOPE)
    assert b"Content-Transfer-Encoding: 8bit\r\n\r\nZo\xc3\xab\r\n" in payload
    assert b"Content-Transfer-Encoding: 7bit\r\n\r\n<p>plain</p>\r\n" in payload


def test_a_line_of_998_octets_is_the_longest():
    for before in (b"", b"short\r\n", b"short\r\n" * 999):
        assert body(before + b"x" * 998 + b"\r\nshort").encoding == b"7bit"
        long = body(before + b"x" * 999 + b"\r\nshort")
        assert long.encoding in {b"quoted-printable", b"base64"}
    assert body(b"x" * 998).encoding == b"7bit"
    assert body(b"x" * 999).encoding == b"quoted-printable"


@pytest.mark.parametrize("before", [b"", b"short\n", b"short\r\n"])
def test_every_line_of_what_is_encoded_ends_in_crlf(before: bytes):
    octets = body(before + b"x" * 999).octets
    assert b"\n" not in octets.replace(b"\r\n", b"")
    assert max(map(len, octets.split(b"\r\n"))) <= 76


def test_a_large_body_is_encoded_the_fast_way():
    made = body(b"x" * 1999 + b"\r\n")
    assert made.encoding == b"base64"
    assert max(map(len, made.octets.split(b"\r\n"))) == 76


def test_a_foreign_long_line_is_smaller_in_base64():
    made = body(("語" * 999).encode())
    assert made.encoding == b"base64"
    assert max(map(len, made.octets.split(b"\r\n"))) == 76


@settings(deadline=None)
@given(subject=ANY_TEXT, text=BODIES, html=BODIES)
@example(subject="", text="", html="")
@example(subject="x", text="a\rb\nc", html="a\n\r\nb\r\r\n")
@example(subject="x", text="\ud800", html="\0")
@example(subject="x", text="--=_50850000000080008000000000000002a\n", html="")
def test_any_content_comes_back_as_it_was(subject: str, text: str, html: str):
    payload = compose(content(subject, text, html), ADDRESS, ENVELOPE)
    assert_fit_for_the_wire(payload)
    assert part(payload, "plain") == normal(text)
    assert part(payload, "html") == normal(html)


@settings(deadline=None)
@given(text=BODIES, html=st.one_of(st.none(), BODIES))
@example(text="é", html=None)
@example(text="a", html="é")
@example(text="trailing é \t\nspace ", html="é\n.\n")
def test_seven_bit_mail_says_the_same(text: str, html: str | None):
    payload = compose(content(text=text, html=html), ADDRESS, ENVELOPE)
    encoded = seven_bit(payload)
    assert encoded.isascii()
    assert_fit_for_the_wire(encoded)
    assert part(encoded, "plain") == part(payload, "plain")
    if html is not None:
        assert part(encoded, "html") == part(payload, "html")
    assert parsed(encoded).items() == parsed(payload).items() or html is None


def test_mail_that_is_seven_bit_already_is_left_alone():
    payload = compose(content(), ADDRESS, ENVELOPE)
    assert seven_bit(payload) is payload


def test_the_boundary_is_in_no_part():
    plain = compose(content(), ADDRESS, ENVELOPE)
    boundary = re.search(rb'boundary="(.+)"', plain)
    assert boundary is not None
    text = f"--{boundary[1].decode()}--\n--{boundary[1].decode()}_\n"
    payload = compose(content(text=text), ADDRESS, ENVELOPE)
    assert part(payload, "plain") == normal(text)
    assert part(payload, "html") == "<p>HTML</p>"


def test_an_address_that_is_not_ascii_stays_as_it_is():
    payload = compose(content(), "zoë@example.org", envelope(recipient_name="Zoë"))
    assert b"<zo\xc3\xab@example.org>" in payload


@pytest.mark.parametrize(
    "address",
    ["a@b.c\r\nBcc: x@y.z", "a b@c.d", "<a@b.c>", "a@b.c,d@e.f", "no-at", "a@b@c.d", "a@b.c\0",
     "a\x85@b.c", "a\u2028@b.c", ""],
)  # fmt: skip
def test_refuses_an_address_that_would_change_the_header(address: str):
    with pytest.raises(ComposingError):
        compose(content(), address, ENVELOPE)


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": "a@b\r\nBcc: x@y.z"},
        {"message_id": "a b@c"},
        {"message_id": "a>@<b"},
        {"unsubscribe_url": "https://e.com/\r\nX: y"},
        {"unsubscribe_url": "https://e.com/a b"},
        {"unsubscribe_url": "https://e.com/>, <mailto:evil@e.com"},
        {"unsubscribe_url": "https://e.com/" + "x" * 1000},
        {"unsubscribe_url": "https://e.com/é"},
        {"unsubscribe_mailto": "mailto:a@b.c\n"},
        {"sender": "A <a@b.c>\r\nBcc: x@y.z"},
        {"sender": "A\r\nX: y <a@b.c>"},
        {"sender": "nobody"},
        {"sender": "A <zoë@b.c>"},
    ],
)
def test_refuses_a_newline_and_the_like_in_a_structural_header(changes: dict[str, str]):
    with pytest.raises(ComposingError):
        compose(content(), ADDRESS, envelope(**changes))


@settings(deadline=None)
@given(value=st.text(st.characters(codec="utf-8"), max_size=40))
@example("a\r\nBcc: x@y.z")
@example("Ünïcode: categories")
def test_keys_of_any_kind_cannot_break_out_of_their_headers(value: str):
    payload = compose(content(), ADDRESS, envelope(topic=value, category=value, campaign=value))
    assert_fit_for_the_wire(payload)
    assert [name for name, _ in parsed(payload).items()] == [
        name for name, _ in parsed(compose(content(), ADDRESS, ENVELOPE)).items()
    ]
