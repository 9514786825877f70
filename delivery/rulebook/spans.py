"""Lengths of time as people write them, like `24 hours` or `15 min`."""

import re
from datetime import timedelta
from decimal import Decimal

LONGEST = timedelta(days=31)
_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_WORDS = {f"{unit}{end}": size for unit, size in _UNITS.items() for end in ("", "s")} | {
    "d": 86_400, "h": 3_600, "min": 60, "m": 60, "sec": 1, "s": 1,
}  # fmt: skip
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?([a-z]+)")
_MICROSECONDS = 1_000_000


def span(text: str) -> timedelta:
    """The length of time that is written.

    Raises:
        ValueError: It cannot be read, is nothing, or is longer than 31 days.
    """
    length = pause(text, LONGEST)
    if not length:
        raise ValueError(f"{text[:60]!r} is not from 1 second to {LONGEST.days} days")
    return length


def pause(text: str, most: timedelta) -> timedelta:
    """The length of time that is written, which may be nothing: `0 seconds`.

    Raises:
        ValueError: It cannot be read, or is longer than `most`.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or found[2] not in _WORDS:
        raise ValueError(
            f"{text[:60]!r} is no length of time: write it like '15 min', '24 hours' or '7 days'"
        )
    seconds = Decimal(found[1]) * _WORDS[found[2]]
    if seconds > int(most.total_seconds()):
        raise ValueError(f"{text[:60]!r} is more than {most.days} days")
    return timedelta(microseconds=int(seconds * _MICROSECONDS))


def spelled(length: timedelta) -> str:
    """The same as people write it, in the largest unit that divides it: `24 hours`, `7 days`."""
    micro = length // timedelta(microseconds=1)
    two_days = 2 * _UNITS["day"] * _MICROSECONDS
    for unit, size in _UNITS.items():
        number, rest = divmod(micro, size * _MICROSECONDS)
        if number and not rest and not (unit == "day" and micro < two_days):
            return f"{number} {unit}" + ("" if number == 1 else "s")
    return f"{Decimal(micro) / _MICROSECONDS:f} seconds"
