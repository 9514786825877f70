"""From weekly wall times to instants: when it is quiet, and until when.

Wall time meets a clock that is put forward or back. A time that a gap swallows is the first
instant after it. A time that comes twice begins quiet at its earlier pass and ends it at the later
one: quiet lasts longer, never shorter.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from delivery.rulebook.weeks import Weekly

_WEEK = timedelta(days=7)
_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 - wall time
_SECOND = timedelta(seconds=1)
_FOREVER = timedelta(days=15)
"""How far ahead an end is looked for: beyond it, rules together leave no time at all."""

Schedule = tuple[Weekly, str]
"""Times of the week, and the zone they are meant in."""
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Quiet:
    """It is quiet now.

    Attributes:
        until: The first instant at which it is not (UTC).
        room: How long it is not quiet from then on, up to the limit asked for.
    """

    until: datetime
    room: timedelta


def quiet(schedules: Sequence[Schedule], now: datetime, most: timedelta) -> Quiet | None:
    """Until when it is quiet by any of these schedules; `None` when it is not.

    Args:
        schedules: All of them apply.
        now: The moment asked about.
        most: How much room after the end is asked for.
    """
    until = now
    while until - now < _FOREVER and (end := _end(schedules, until)) is not None:
        until = end
    if until == now:
        return None
    starts = [start for schedule in schedules for start, _ in _around(schedule, until)]
    following = min((start for start in starts if start >= until), default=until + most)
    return Quiet(until, min(most, following - until))


def _end(schedules: Iterable[Schedule], at: datetime) -> datetime | None:
    for schedule in schedules:
        spans = _around(schedule, at)
        place = bisect_right(spans, at, key=lambda span: span[0]) - 1
        if place >= 0 and spans[place][1] > at:
            return spans[place][1]
    return None


def _around(schedule: Schedule, at: datetime) -> Sequence[Span]:
    """The quiet times of two weeks before and after a moment, apart and in order."""
    return _spans(*schedule, (at.replace(tzinfo=None) - _MONDAY) // _WEEK)


@lru_cache(maxsize=16384)
def _spans(weekly: Weekly, zone: str, week: int) -> tuple[Span, ...]:
    place = ZoneInfo(zone)
    found: list[Span] = []
    for monday in (_MONDAY + _WEEK * (week + away) for away in range(-2, 3)):
        for start, length in weekly:
            begins = monday + timedelta(minutes=start)
            first, last = _passes(begins, place)[0], _passes(begins + _minutes(length), place)[-1]
            if first < last:
                found.append((first, last))
    return _apart(sorted(found))


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def _apart(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same times, those that touch as one."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def _passes(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the last instant at which clocks show a time; in a gap, its end twice."""
    first, last = (_instant(wall, zone, fold) for fold in (0, 1))
    if first > last:
        end = _gap_end(last, first, zone)
        return end, end
    return first, last


def _instant(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _gap_end(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second in which the offset changes between two instants."""
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0) if middle.microsecond else middle
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
