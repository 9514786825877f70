"""Weekly times as people write them, like `mon-fri 21:00-08:00`.

A line is days, a space, and from-to. Days: a name (`mon`), a range (`mon-fri`), several of them
with commas, or `daily`, `weekdays`, `weekends`. A time that ends before it begins ends on the
next day, and counts to the day it begins on.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

Weekly = tuple[tuple[int, int], ...]
"""Times of a week: start and length in minutes, Monday 00:00 first; in order, apart."""

DAY = 24 * 60
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}
_LINE = re.compile(r"(\S+) +(\d\d?):(\d\d) ?[-–] ?(\d\d?):(\d\d)")
_MOST = 50
"""Lines of one schedule."""


@lru_cache(maxsize=4096)
def weekly(lines: tuple[str, ...]) -> Weekly:
    """The times that any of the lines names.

    Raises:
        ValueError: A line cannot be read, or they name no time, or all of the week.
    """
    if not 1 <= len(lines) <= _MOST:
        raise ValueError(f"write 1 to {_MOST} lines like 'daily 22:00-07:00'")
    return _runs(span for line in lines for span in _spans(line))


def rest(times: Weekly) -> Weekly:
    """All other times of the week."""
    ends = [(start + length) % WEEK for start, length in times]
    starts = [start for start, _ in times]
    gaps = zip(ends, [*starts[1:], starts[0]], strict=True)
    return tuple(sorted((end, (start - end) % WEEK) for end, start in gaps))


def _spans(line: str) -> list[tuple[int, int]]:
    found = _LINE.fullmatch(line.strip().lower())
    if found is None:
        raise ValueError(f"{line[:60]!r} is no time: write it like 'mon-fri 21:00-08:00'")
    days, *numbers = found.groups()
    hour, minute, to_hour, to_minute = map(int, numbers)
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if max(minute, to_minute) > 59 or start >= DAY or end > DAY:  # noqa: PLR2004 - of an hour
        raise ValueError(f"{line[:60]!r}: a day goes from 00:00 to 24:00")
    if start == end:
        raise ValueError(f"{line[:60]!r} begins when it ends: a whole day is 00:00-24:00")
    length = end - start if end > start else end - start + DAY
    return [(day * DAY + start, length) for day in _days(days, line)]


def _days(text: str, line: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if part in _WORDS:
            days += _WORDS[part]
        elif first in DAYS and (last or first) in DAYS:
            start, end = DAYS.index(first), DAYS.index(last or first)
            days += [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]
        else:
            raise ValueError(f"{line[:60]!r}: {part!r} is no day: write {', '.join(DAYS)} or daily")
    return days


def _runs(spans: Iterable[tuple[int, int]]) -> Weekly:
    """The minutes of the week that are covered, as runs; a run may go on into the next week."""
    covered = bytearray(WEEK)
    for start, length in spans:
        for minute in range(start, start + length):
            covered[minute % WEEK] = 1
    if all(covered):
        raise ValueError("that is all of the week: leave some of it out")
    starts = [at for at in range(WEEK) if covered[at] and not covered[at - 1]]
    return tuple((start, _length(covered, start)) for start in starts)


def _length(covered: Sequence[int], start: int) -> int:
    length = 0
    while covered[(start + length) % WEEK]:
        length += 1
    return length
