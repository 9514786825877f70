"""The stretches of time people look at, and how finely each is cut. Pure."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from models.readings.figures import Period


class Span(StrEnum):
    """How far back; the value is what stands in the URL."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"


EVER = "all"
"""In the place of a span: everything that is still kept."""

LENGTHS = {
    Span.HOUR: timedelta(hours=1),
    Span.DAY: timedelta(days=1),
    Span.WEEK: timedelta(days=7),
    Span.MONTH: timedelta(days=30),
}
STEPS = {
    Span.HOUR: timedelta(minutes=1),
    Span.DAY: timedelta(minutes=30),
    Span.WEEK: timedelta(hours=3),
    Span.MONTH: timedelta(hours=12),
}
STEP_WORDS = {
    Span.HOUR: "minute",
    Span.DAY: "half hour",
    Span.WEEK: "3 hours",
    Span.MONTH: "12 hours",
}
WORDS = {
    Span.HOUR: "the last hour",
    Span.DAY: "the last 24 hours",
    Span.WEEK: "the last 7 days",
    Span.MONTH: "the last 30 days",
}
_HOUR = timedelta(hours=1)
_EPOCH = datetime.fromtimestamp(0, UTC)
LIVE = (Span.HOUR, Span.DAY, Span.WEEK)
"""Spans of pages that are drawn anew every few seconds."""


def period(span: Span, now: datetime) -> Period:
    """The period up to now; its last bin is the one that is running."""
    step = STEPS[span]
    until = _EPOCH + ((now - _EPOCH) // step + 1) * step
    return Period(until - LENGTHS[span], until, step)


def hourly(span: Span, now: datetime) -> Period:
    """The same in whole hours, which are counted already; an hour itself in minutes."""
    found = period(span, now)
    if span is Span.HOUR or found.step % _HOUR == timedelta():
        return found
    until = found.until + (_EPOCH - found.until) % _HOUR
    return Period(until - LENGTHS[span], until, _HOUR)


HOURLY_WORDS = {**STEP_WORDS, Span.DAY: "hour"}
"""What a bin of `hourly` is."""


def bins(of: Period) -> list[datetime]:
    """Where each bin begins."""
    return [of.since + number * of.step for number in range((of.until - of.since) // of.step)]


_ROUND = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1),
    timedelta(hours=6), timedelta(days=1),
)  # fmt: skip
_MOST = 120
"""Bins of a chart that people still tell apart."""


def cut(since: datetime, until: datetime) -> Period:
    """A period from a moment to another in bins of a round length, the last one begun."""
    step = next((one for one in _ROUND if (until - since) / one <= _MOST), _ROUND[-1])
    begun = _EPOCH + (since - _EPOCH) // step * step
    ended = _EPOCH + ((until - _EPOCH) // step + 1) * step
    return Period(begun, ended, step)
