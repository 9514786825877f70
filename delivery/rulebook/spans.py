"""Lengths of time as people write them, like `24 hours`."""

import re
from datetime import timedelta

LONGEST = timedelta(days=31)
_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_SPAN = re.compile(r"(\d{1,9}) ?(day|hour|minute|second)s?")


def span(text: str) -> timedelta:
    """The length of time that is written.

    Raises:
        ValueError: It cannot be read, is nothing, or is longer than 31 days.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(
            f"{text[:60]!r} is no length of time: write it like '24 hours' or '7 days'"
        )
    length = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if not timedelta() < length <= LONGEST:
        raise ValueError(f"{text[:60]!r} is not from 1 second to 31 days")
    return length


def spelled(length: timedelta) -> str:
    """The same as people write it, in the largest unit that divides it: `24 hours`, `7 days`."""
    seconds = int(length.total_seconds())
    day, hours_of_two_days = _UNITS["day"], 48 * _UNITS["hour"]
    for unit, size in _UNITS.items():
        if seconds % size == 0 and not (size == day and seconds < hours_of_two_days):
            number = seconds // size
            return f"{number} {unit}" + ("" if number == 1 else "s")
    raise ValueError(f"{length} is no whole number of seconds")
