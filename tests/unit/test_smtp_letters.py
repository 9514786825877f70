"""Letters: nothing in a message can break out of its place on the wire."""

import smtplib
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from delivery.errors import ContentRefused
from delivery.messages import Message
from delivery.providers.smtp.extensions import Extensions, read_extensions
from delivery.providers.smtp.letters import fitted, mail_line, rcpt_line, write_letter
from delivery.providers.smtp.replies import Answer

MESSAGE = Message(UUID(int=0), "anna@example.org", "b@example.com", b"Subject: x\r\n\r\nhi\r\n")
MIXED = (
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/alternative; boundary="b"\r\n'
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= and a header long enough that another generator"
    " would have folded it in some other place\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Grüße\r\n.dot\r\nend = 1\r\n--b\r\n"
    "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "<p>Grüße " + "ü" * 200 + "</p>\r\n--b--\r\n"
).encode()


def with_payload(payload: bytes):
    return replace(MESSAGE, payload=payload)


@given(
    st.lists(st.binary(max_size=6).map(lambda line: line.translate(None, b"\r\n")) | st.just(b"."))
)
def test_stuffs_dots_as_the_standard_library_does(lines: list[bytes]):
    payload = b"".join(line + b"\r\n" for line in lines) or b"\r\n"
    expected = smtplib._quote_periods(payload)
    assert write_letter(with_payload(payload)).content == expected


@pytest.mark.parametrize(
    "payload", [b"a\rb\r\n", b"a\nb\r\n", b"a\n.\nb\r\n", b"\n", b"a\r\r\n", b"a\n\r\n", b"a\r"]
)
def test_refuses_a_carriage_return_or_line_feed_that_stands_alone(payload: bytes):
    with pytest.raises(ContentRefused, match="CRLF"):
        write_letter(with_payload(payload))


@given(st.binary())
def test_whatever_the_payload_only_our_dot_can_end_it(payload: bytes):
    try:
        content = write_letter(with_payload(payload)).content
    except ContentRefused:
        return
    assert content.endswith(b"\r\n")
    assert not (b"\r\n" + content).count(b"\r\n.\r\n")
    assert len(content.split(b"\r\n")) == len(content.splitlines()) + 1


def test_ends_a_payload_that_does_not_end_with_a_line():
    assert write_letter(with_payload(b"a")).content == b"a\r\n"


@pytest.mark.parametrize(
    "address",
    ["a b@x.test", "a@x.test>\r\nRCPT TO:<b@x.test", "a@x.test\n", "a\x00@x.test", "<a@x.test>", "",
     "a@x.test\u2028", "a\x7f@x.test", "a\ud800@x.test", "a\x85@x.test", "a" * 400],
)  # fmt: skip
def test_refuses_an_address_that_could_leave_its_line(address: str):
    with pytest.raises(ContentRefused, match="recipient"):
        write_letter(replace(MESSAGE, recipient=address))
    if address:
        with pytest.raises(ContentRefused, match="return path"):
            write_letter(replace(MESSAGE, return_path=address))


@pytest.mark.parametrize(
    ("extensions", "message", "line"),
    [
        (Extensions(), MESSAGE, b"MAIL FROM:<b@example.com>\r\n"),
        (Extensions(), replace(MESSAGE, return_path=""), b"MAIL FROM:<>\r\n"),
        (Extensions(sizes=True), MESSAGE, b"MAIL FROM:<b@example.com> SIZE=18\r\n"),
        (Extensions(eight_bit=True), with_payload(b"\xc3\xbc\r\n"),
         b"MAIL FROM:<b@example.com> BODY=8BITMIME\r\n"),
        (Extensions(utf8=True), replace(MESSAGE, utf8_address=True),
         b"MAIL FROM:<b@example.com> SMTPUTF8\r\n"),
    ],
)  # fmt: skip
def test_says_to_the_server_what_it_needs_to_know(
    extensions: Extensions, message: Message, line: bytes
):
    assert mail_line(fitted(write_letter(message), extensions), extensions) == line


def test_an_address_beyond_ascii_goes_out_as_utf8():
    letter = fitted(write_letter(replace(MESSAGE, recipient="änna@x.test")), Extensions(utf8=True))
    assert rcpt_line(letter) == "RCPT TO:<änna@x.test>\r\n".encode()
    with pytest.raises(ContentRefused, match="SMTPUTF8"):
        fitted(letter, Extensions())


def test_refuses_what_is_larger_than_the_server_takes():
    with pytest.raises(ContentRefused, match="at most 17"):
        fitted(write_letter(MESSAGE), Extensions(sizes=True, size=17))
    assert fitted(write_letter(MESSAGE), Extensions(sizes=True, size=18))


def test_converts_eight_bit_bodies_for_a_server_that_takes_seven():
    letter = fitted(write_letter(with_payload(MIXED)), Extensions(sizes=True))
    assert letter.content.isascii()
    assert b"BODY" not in mail_line(letter, Extensions(sizes=True))
    assert max(map(len, letter.payload.split(b"\r\n")[5:])) <= 76
    before = message_from_bytes(MIXED, policy=default)
    after = message_from_bytes(letter.payload, policy=default)
    assert after["Subject"] == before["Subject"]
    assert letter.payload.partition(b"\r\n\r\n")[0] == MIXED.partition(b"\r\n\r\n")[0]
    for kind in ("plain", "html"):
        ours, theirs = after.get_body((kind,)), before.get_body((kind,))
        assert ours.get_content() == theirs.get_content()
        assert ours["Content-Transfer-Encoding"] in {"quoted-printable", "base64"}


def test_never_breaks_a_signature_by_converting():
    signed = with_payload(b"DKIM-Signature: v=1; a=x\r\n" + MIXED)
    with pytest.raises(ContentRefused, match="signed"):
        fitted(write_letter(signed), Extensions())


def test_does_not_send_eight_bit_headers_to_a_server_that_takes_seven():
    headers = replace(MESSAGE, payload="Subject: ü\r\n\r\nü\r\n".encode(), utf8_address=True)
    with pytest.raises(ContentRefused, match="headers"):
        fitted(write_letter(headers), Extensions(utf8=True))


def test_reads_the_extensions_in_any_case():
    answer = Answer(
        250, (b"mx.example", b"Pipelining", b"size 1000", b"AUTH plain LOGIN", b"8bitmime")
    )
    assert read_extensions(answer) == Extensions(
        pipelining=True, eight_bit=True, sizes=True, size=1000, auth=frozenset({"PLAIN", "LOGIN"})
    )


def test_survives_a_size_that_is_no_number():
    assert read_extensions(Answer(250, (b"mx", b"SIZE lots", b""))) == Extensions(sizes=True)
