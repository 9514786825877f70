"""What mails put into calendars: iCalendar (RFC 5545) for one recipient, by iTIP (RFC 5546). Pure.

Moments are written in UTC, which every client reads alike and shows in its reader's own zone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from delivery.errors import ComposingError, Problem, RenderingError
from delivery.messages import CalendarPart
from delivery.rendering.headers import sender

METHODS = ("request", "cancel", "publish")
_PRODUCT = "-//Tidings//Tidings//EN"
_MOST_CHANGES = 2**31 - 1
"""The largest integer of iCalendar (RFC 5545, section 3.3.8)."""
_LONGEST_UID = 255
Moment = datetime | date


@dataclass(frozen=True, slots=True)
class Appointment:
    """A calendar entry that was filled in and understood; moments are in UTC."""

    method: str
    uid: str
    sequence: int
    start: Moment
    end: Moment | None
    organizer: tuple[str, str]
    summary: str
    location: str
    description: str


def read(said: Mapping[str, str]) -> Appointment | None:
    """What the filled texts of a calendar entry mean; `None` where its method is nothing.

    Raises:
        RenderingError: One of them is not what it must be; never with the text itself.
    """
    if not said["method"]:
        return None
    zone = _read("zone", said["zone"])
    start, end = (_at(name, said.get(name, ""), zone) for name in ("start", "end"))
    if start is None:
        raise _wrong("start", _MOMENT)
    if end is not None and (type(end) is not type(start) or end <= start):
        raise _wrong("end", "it must be after the start, and a day where that is one")
    return Appointment(
        method=_read("method", said["method"]),
        uid=_read("uid", said["uid"]),
        sequence=_read("sequence", said["sequence"]),
        start=start,
        end=end,
        organizer=_read("organizer", said["organizer"]),
        summary=_read("summary", said["summary"]),
        location=said.get("location", ""),
        description=said.get("description", ""),
    )


def fault(name: str, text: str) -> str | None:
    """What is wrong with a text that is the same for everybody."""
    try:
        _read(name, text)
    except RenderingError as error:
        return error.problems[0].message.partition(": ")[2]
    return None


def calendar(
    appointment: Appointment, address: str, shown: str | None, at: datetime
) -> CalendarPart:
    """The calendar that a mail carries; the same arguments give the same octets.

    Args:
        appointment: What it is about.
        address: The recipient's.
        shown: The recipient's name.
        at: When it was said (aware): the same in all attempts.
    """
    made = Calendar()
    for name, value in (("prodid", _PRODUCT), ("version", "2.0"), ("calscale", "GREGORIAN")):
        made.add(name, value)
    made.add("method", appointment.method.upper())
    made.add_component(_event(appointment, address, shown, at))
    return CalendarPart(appointment.method.upper(), made.to_ical())


def _event(appointment: Appointment, address: str, shown: str | None, at: datetime) -> Event:
    event = Event()
    said = {
        "uid": appointment.uid, "dtstamp": at.astimezone(UTC), "sequence": appointment.sequence,
        "dtstart": appointment.start, "dtend": appointment.end, "summary": appointment.summary,
        "location": appointment.location, "description": appointment.description,
        "status": "CANCELLED" if appointment.method == "cancel" else "CONFIRMED",
        "organizer": _person(appointment.organizer[1], appointment.organizer[0]),
    }  # fmt: skip
    for name, value in said.items():
        if value not in {None, ""}:
            event.add(name, value)
    if appointment.method != "publish":  # there nobody is asked (RFC 5546, section 3.2.1)
        event.add("attendee", _attendee(appointment, address, shown))
    return event


def _person(address: str, shown: str | None) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    if shown:
        person.params["CN"] = shown
    return person


def _attendee(appointment: Appointment, address: str, shown: str | None) -> vCalAddress:
    attendee = _person(address, shown)
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    if appointment.method == "request":
        attendee.params |= {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    return attendee


_MOMENT = "write a moment like 2026-12-01T09:00 or 2026-12-01T09:00:00+01:00, or a day"


def _wrong(name: str, why: str) -> RenderingError:
    return RenderingError([Problem(1, f"calendar.{name}: {why}")])


def _read(name: str, text: str) -> Any:
    reader, why = _READERS.get(name, (str, ""))
    try:
        return reader(text)
    except (ComposingError, KeyError, ValueError, OSError):
        raise _wrong(name, why) from None


def _at(name: str, text: str, zone: ZoneInfo) -> Moment | None:
    """A day, or a moment in UTC."""
    moment: Moment | None = _read(name, text)
    if not isinstance(moment, datetime):
        return moment
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise _wrong(name, _MOMENT) from None


def _moment(text: str) -> Moment | None:
    if not text:
        return None
    return date.fromisoformat(text) if len(text) == len("2026-12-01") else _time(text)


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(microsecond=0)


def _method(text: str) -> str:
    if text.lower() not in METHODS:
        raise ValueError
    return text.lower()


def _uid(text: str) -> str:
    if not text or len(text) > _LONGEST_UID:
        raise ValueError
    return text


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > _MOST_CHANGES:
        raise ValueError
    return int(text)


def _said(text: str) -> str:
    if not text:
        raise ValueError
    return text


_READERS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "method": (_method, f"write one of {', '.join(METHODS)}"),
    "uid": (_uid, f"write 1 to {_LONGEST_UID} characters, like {{{{ data.id }}}}@example.com"),
    "sequence": (_sequence, "write a number from 0 that grows with each change"),
    "start": (_moment, _MOMENT),
    "end": (_moment, _MOMENT),
    "zone": (ZoneInfo, "write a time zone like Europe/Vienna"),
    "organizer": (sender, "write a mailbox, like Ada <ada@example.com>"),
    "summary": (_said, "write what stands in the calendar"),
}
