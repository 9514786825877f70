"""Circuit breakers: when an account is let rest, and how it comes back. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from delivery.errors import AccountError, InDoubtError, UnavailableError
from delivery.messages import Receipt
from models.records import Breaker, BreakerState

FAILURES = 5
"""So many in a row, and it opens."""
PROBES = 3
"""So many messages may go while it is half open."""
PROBE_LASTS = timedelta(seconds=90)
"""A probe of which nothing is heard for so long is made anew, by whoever comes first."""
_SHORTEST, _LONGEST = timedelta(seconds=10), timedelta(minutes=10)
_WORDS = 300
"""Characters of an error that are kept."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What one message tells of its account.

    Attributes:
        error: What went wrong; `None`: it works.
        grave: It cannot send at all: its credentials, its certificate, its quota.
        jitter: A random number from 0 to 1.
    """

    at: datetime
    error: str | None = None
    grave: bool = False
    jitter: float = 0.5


def sign(end: Receipt | Exception, at: datetime, jitter: float) -> Sign:
    """What the end of an attempt tells of its account.

    A server that takes a message, or refuses it for its own sake, works.
    """
    if not isinstance(end, UnavailableError | AccountError | InDoubtError):
        return Sign(at)
    return Sign(at, str(end)[:_WORDS], isinstance(end, AccountError), jitter)


def healthy(account: str, at: datetime) -> Breaker:
    """The breaker of an account of which nothing bad is known."""
    return Breaker(account, BreakerState.CLOSED, 0, 0, at)


def is_healthy(breaker: Breaker) -> bool:
    """Whether a good sign would change nothing."""
    return breaker.state is BreakerState.CLOSED and breaker.failures == 0


def after(breaker: Breaker, seen: Sign) -> Breaker:
    """The breaker after one more sign.

    While it is open, messages that were on their way change nothing: the probe decides.
    """
    if seen.error is None:
        return breaker if breaker.state is BreakerState.OPEN else _closed(breaker, seen.at)
    told = replace(
        breaker, failures=breaker.failures + 1, last_error=seen.error, last_error_at=seen.at
    )
    if breaker.state is BreakerState.OPEN:
        return replace(told, failures=breaker.failures)
    if breaker.state is BreakerState.HALF_OPEN or seen.grave or told.failures >= FAILURES:
        return _open(told, seen)
    return told


def _closed(breaker: Breaker, at: datetime) -> Breaker:
    was_closed = breaker.state is BreakerState.CLOSED
    return replace(
        breaker,
        state=BreakerState.CLOSED,
        failures=0,
        openings=0,
        retry_at=None,
        changed_at=breaker.changed_at if was_closed else at,
    )


def _open(breaker: Breaker, seen: Sign) -> Breaker:
    longest = min(_SHORTEST * 2 ** min(breaker.openings, 16), _LONGEST)
    pause = longest * (0.5 + seen.jitter / 2)
    return replace(
        breaker,
        state=BreakerState.OPEN,
        openings=breaker.openings + 1,
        changed_at=seen.at,
        retry_at=seen.at + pause,
    )


def may_probe(breaker: Breaker, now: datetime) -> bool:
    """Whether somebody may try whether the account works again."""
    resting = breaker.state is not BreakerState.CLOSED
    return resting and breaker.retry_at is not None and breaker.retry_at <= now


def probing(breaker: Breaker, now: datetime) -> Breaker:
    """The breaker while one worker makes a probe."""
    return replace(
        breaker, state=BreakerState.HALF_OPEN, changed_at=now, retry_at=now + PROBE_LASTS
    )
