"""Moments of a campaign's document, as its form reads and writes them. Pure."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo


def read(said: Any) -> datetime | None:
    """The moment that a document says; `None` where it says none that can be read."""
    try:
        return datetime.fromisoformat(str(said))
    except ValueError:
        return None


def until(held: datetime | None, day: date | None, zone: ZoneInfo) -> datetime | None:
    """When what recurs ends: at the end of a day there, or as before where that is the day."""
    if day is None:
        return None
    if held is not None and held.astimezone(zone).date() == day:
        return held
    return datetime.combine(day, time(23, 59), zone)
