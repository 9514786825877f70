"""Mails that carry more than words, read back by the standard library."""

from email.message import EmailMessage

import pytest
from hypothesis import given, settings, strategies as st

from delivery.messages import CalendarPart, Enclosure, Envelope
from delivery.rendering.mime import compose, seven_bit
from tests.unit.rendering.mails import (
    ADDRESS,
    assert_fit_for_the_wire,
    content,
    envelope,
    normal,
    parsed,
    part,
)

CALENDAR = CalendarPart("REQUEST", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
PDF = Enclosure("offer.pdf", "application/pdf", b"%PDF" + bytes(range(256)) * 40)


def carried(mail: EmailMessage) -> list[tuple[str | None, str, bytes]]:
    """Name, type and octets of every file."""
    found = []
    for one in mail.iter_attachments():
        octets = one.get_payload(decode=True)
        assert isinstance(octets, bytes)
        found.append((one.get_filename(), one.get_content_type(), octets))
    return found


def written(cover: Envelope, text: str = "Text") -> bytes:
    payload = compose(content(text=text), ADDRESS, cover)
    assert_fit_for_the_wire(payload)
    assert seven_bit(payload) == payload
    return payload


def test_words_are_alternatives_and_files_stand_beside_them():
    mail = parsed(written(envelope(calendar=CALENDAR, enclosures=(PDF,))))
    words, *files = mail.iter_parts()
    assert mail.get_content_type() == "multipart/mixed"
    assert words.get_content_type() == "multipart/alternative"
    kinds = [one.get_content_type() for one in words.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert [one.get_content_type() for one in files] == ["application/pdf", "application/ics"]


def test_a_calendar_says_its_method_and_is_there_as_a_file():
    mail = parsed(written(envelope(calendar=CALENDAR)))
    (said,) = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
    assert said.get_param("method") == "REQUEST"
    assert said.get_payload(decode=True) == CALENDAR.octets
    assert carried(mail) == [("invite.ics", "application/ics", CALENDAR.octets)]


def test_content_without_html_carries_files_too():
    cover = envelope(enclosures=(PDF,))
    mail = parsed(compose(content(html=None), ADDRESS, cover))
    assert carried(mail) == [(PDF.name, PDF.kind, PDF.octets)]


@pytest.mark.parametrize(
    "name",
    [
        "offer.pdf",
        "Zoë's offer.pdf",
        "提案書" * 30 + ".pdf",
        'a"; filename="b.exe',
        "100%.pdf",
        "a b",
    ],
)
def test_a_name_arrives_as_it_was(name: str):
    mail = parsed(written(envelope(enclosures=(Enclosure(name, "application/pdf", b"x"),))))
    assert [found for found, *_ in carried(mail)] == [name]


@pytest.mark.parametrize("kind", ["", "pdf", "text/html\r\nBcc: x@y.example", "a/b; c=d"])
def test_a_type_that_is_none_is_that_of_any_file(kind: str):
    mail = parsed(written(envelope(enclosures=(Enclosure("a", kind, b"x"),))))
    assert [found for _, found, _ in carried(mail)] == ["application/octet-stream"]
    assert mail["Bcc"] is None


@settings(max_examples=20)
@given(st.text(max_size=30), st.binary(max_size=200), st.text(max_size=100))
def test_whatever_it_is_called_and_holds_it_comes_back(name: str, octets: bytes, text: str):
    payload = written(envelope(enclosures=(Enclosure(name, "image/png", octets),)), text)
    ((_, kind, found),) = carried(parsed(payload))
    assert (kind, found) == ("image/png", octets)
    assert part(payload, "plain") == normal(text)


def test_the_same_is_the_same_octets():
    cover = envelope(calendar=CALENDAR, enclosures=(PDF,))
    assert written(cover) == written(cover)
