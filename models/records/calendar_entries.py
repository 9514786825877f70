"""What a topic puts into the calendars of those who get its mails, as a value."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An invitation, or whatever else has a place in calendars; each text is Jinja.

    Attributes:
        method: `request`, `cancel` or `publish` (RFC 5546, section 1.4); nothing: none this time.
        uid: What it is about, the same in all its mails; globally unique.
        start: A moment like `2026-12-01T09:00`, or a day.
        organizer: The mailbox that answers go to.
        summary: What stands in the calendar.
        sequence: Counts its changes from 0.
        zone: IANA name of the time zone of moments that name no offset.
    """

    method: str
    uid: str
    start: str
    organizer: str
    summary: str
    end: str | None = None
    zone: str = "UTC"
    sequence: str = "0"
    location: str | None = None
    description: str | None = None

    @property
    def document(self) -> dict[str, str]:
        """As documents say it, without what is as it would be anyway."""
        usual = {"zone": "UTC", "sequence": "0"}
        said = asdict(self).items()
        return {name: text for name, text in said if text and usual.get(name) != text}


def calendar_entry_of(document: Any) -> CalendarEntry | None:
    """What `CalendarEntry.document` wrote; `None` where that is nothing, or nobody can read it."""
    try:
        return None if document is None else CalendarEntry(**document)
    except TypeError:
        return None
