"""Header fields: whatever people type arrives as they meant it, on lines of the right length."""

import re
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.utils import parseaddr

import pytest
from hypothesis import example, given, settings

from delivery.errors import ComposingError
from delivery.rendering.headers import cleaned, field, mailbox, sender, text_field
from tests.unit.rendering.mails import ANY_TEXT, parsed


def subject_of(value: str) -> str:
    return str(parsed(text_field("Subject", value).encode() + b"\r\n")["Subject"])


def lines_of(header: str) -> list[str]:
    assert header.endswith("\r\n")
    return header.removesuffix("\r\n").split("\r\n")


@settings(deadline=None)
@given(ANY_TEXT)
@example("a\r\nBcc: evil@example.com")
@example("=?utf-8?b?ZXZpbA==?=")
@example("x" * 2000)
@example("word " * 100)
@example("two  spaces  " * 20)
@example(" leading and trailing ")
@example("\u2028 \x85 \x1b[31m")
@example("👩‍👩‍👧‍👦" * 30)
@example("é")
@example("a" * 66 + " " + "b" * 75)
def test_any_subject_comes_back_without_its_controls(value: str):
    assert subject_of(value) == cleaned(value)


@settings(deadline=None)
@given(ANY_TEXT)
@example("word " * 100)
@example("é" * 100)
@example("x" * 2000)
def test_lines_are_folded_at_76(value: str):
    lines = lines_of(text_field("Subject", value))
    assert max(map(len, lines)) <= 76
    assert all(line.startswith(" ") and line.strip() for line in lines[1:])
    for word in re.findall(r"=\?\S+\?=", " ".join(lines)):
        assert len(word) <= 75
        decode_header(word)[0][0].decode()  # characters are whole in every word


@settings(deadline=None)
@given(ANY_TEXT)
@example('Anna "The Boss" \\ Smith')
@example("Smith, Anna")
@example("a\r\nBcc: evil@example.com")
@example("Zoë <evil@example.com>,")
@example("=?utf-8?b?ZXZpbA==?=")
@example("x" * 300)
@example("Ann (Team)")
def test_any_name_comes_back_and_stays_one_mailbox(name: str):
    header = mailbox("To", name, "anna@example.com")
    assert max(map(len, lines_of(header))) <= 76
    (found,) = parsed(header.encode() + b"\r\n")["To"].addresses
    assert found.addr_spec == "anna@example.com"
    # The newer parser puts spaces between the encoded words of a name; RFC 2047 and this do not.
    shown, address = parseaddr(header.removeprefix("To: "))
    assert address == "anna@example.com"
    assert str(make_header(decode_header(shown))) == cleaned(name)


def test_without_a_name_there_is_only_the_address():
    assert mailbox("To", None, "a@b.c") == "To: a@b.c\r\n"
    assert mailbox("To", " \n", "a@b.c") == "To: a@b.c\r\n"


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("Tidings <news@example.com>", "Tidings", "news@example.com"),
        ('"Tidings, Inc." <news@example.com>', "Tidings, Inc.", "news@example.com"),
        ('"A \\"B\\"" <news@example.com>', 'A "B"', "news@example.com"),
        ("news@example.com", "", "news@example.com"),
        ("<news@example.com>", "", "news@example.com"),
        ("Zoë <news@bücher.example>", "Zoë", "news@xn--bcher-kva.example"),
        ("T <t@localhost.localdomain>", "T", "t@localhost.localdomain"),
    ],
)
def test_reads_a_sender(value: str, name: str, address: str):
    assert sender(value) == (name, address)
    header = mailbox("From", *sender(value))
    (found,) = parsed(header.encode() + b"\r\n")["From"].addresses
    assert found == Address(name, addr_spec=address)


@pytest.mark.parametrize("value", ["", "nobody", "A <a@b.c>\n", "<>", "A <a b@c.d>"])
def test_refuses_a_sender_that_is_no_mailbox(value: str):
    with pytest.raises(ComposingError):
        sender(value)


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "é", " a", "a ", "", "x" * 1000, "a\tb"])
def test_refuses_what_a_field_of_ours_cannot_hold(value: str):
    with pytest.raises(ComposingError):
        field("X-Any", value)
