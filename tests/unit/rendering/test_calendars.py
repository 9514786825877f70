"""What mails put into calendars: read back by the library that others use, too."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from icalendar import Calendar

from delivery.errors import RenderingError
from delivery.rendering.calendars import calendar, fault, read

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAID = {
    "method": "request", "uid": "42@example.com", "sequence": "3", "zone": "Europe/Vienna",
    "start": "2026-12-01T09:00", "end": "2026-12-01T10:30:00+02:00", "summary": 'Zoë; a, "b"',
    "organizer": "Ada <ada@example.com>", "location": "Room 3\\4", "description": "x" * 200,
}  # fmt: skip


def made(**said: str) -> Any:
    """The one event of a calendar, as it is read back, with its method."""
    found = read(SAID | said)
    assert found is not None
    part = calendar(found, "anna@example.com", 'Anna "A" O\'Neil', AT)
    assert max(map(len, part.octets.split(b"\r\n"))) <= 75
    read_back = Calendar.from_ical(part.octets)
    assert read_back["METHOD"] == part.method
    assert read_back.errors == []
    (event,) = read_back.walk("VEVENT")
    return event


def test_an_invitation_is_what_clients_need_to_answer_it():
    event = made()
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("42@example.com", 3, "CONFIRMED")
    assert event.decoded("DTSTAMP") == AT
    assert event.decoded("DTSTART") == datetime(2026, 12, 1, 8, tzinfo=UTC), "in its zone"
    assert event.decoded("DTEND") == datetime(2026, 12, 1, 8, 30, tzinfo=UTC), "by its offset"
    assert (event["SUMMARY"], event["LOCATION"]) == (SAID["summary"], SAID["location"])
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == (
        "mailto:ada@example.com",
        "Ada",
    )
    attendee = event["ATTENDEE"]
    assert attendee == "mailto:anna@example.com"
    assert attendee.params["CN"] == 'Anna "A" O\'Neil'
    assert (attendee.params["RSVP"], attendee.params["PARTSTAT"]) == ("TRUE", "NEEDS-ACTION")


def test_a_cancellation_names_whom_it_was_for_and_asks_nothing():
    event = made(method="CANCEL", sequence="4")
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 4)
    assert "RSVP" not in event["ATTENDEE"].params


def test_what_is_published_asks_nobody():
    assert "ATTENDEE" not in made(method="publish")


def test_a_day_is_a_day_in_every_zone():
    event = made(start="2026-12-01", end="2026-12-03")
    assert event.decoded("DTSTART") == date(2026, 12, 1)
    assert event.decoded("DTEND") == date(2026, 12, 3)
    assert "DTEND" not in made(start="2026-12-01", end="")


def test_without_a_method_there_is_none():
    assert read(SAID | {"method": ""}) is None


WRONG = [
    ("method", "reply", "write one of request, cancel, publish"),
    ("uid", "", "write 1 to 255 characters"),
    ("uid", "x" * 256, "write 1 to 255 characters"),
    ("sequence", "-1", "a number from 0"),
    ("sequence", "²", "a number from 0"),
    ("sequence", str(2**31), "a number from 0"),
    ("start", "", "write a moment"),
    ("start", "tomorrow", "write a moment"),
    ("start", "0001-01-01T00:00", "write a moment"),
    ("end", "2026-12-01T08:00", "after the start"),
    ("end", "2026-12-01", "after the start"),
    ("zone", "Wien", "write a time zone"),
    ("zone", "../etc/passwd", "write a time zone"),
    ("organizer", "ada", "write a mailbox"),
    ("summary", "", "write what stands"),
]


@pytest.mark.parametrize(("name", "text", "why"), WRONG)
def test_what_is_wrong_is_said_by_its_name_and_not_repeated(name: str, text: str, why: str):
    with pytest.raises(RenderingError) as error:
        read(SAID | {name: text})
    assert f"calendar.{name}: " in str(error.value)
    assert why in str(error.value)
    assert len(text) < 4 or text not in str(error.value)


def test_a_document_is_told_what_is_wrong_before_anything_is_sent():
    assert fault("zone", "Vienna") == "write a time zone like Europe/Vienna"
    assert [fault(name, SAID[name]) for name in SAID] == [None] * len(SAID)
