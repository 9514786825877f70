"""What people and troubles forbid for now, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Switch:
    """A kill switch that is on; `name` is `all`, `class:…`, `topic:…`, `account:…` and so on."""

    name: str
    reason: str
    set_by: str
    set_at: datetime


class BreakerState(StrEnum):
    """Whether an account may be used."""

    CLOSED = "closed"
    """It works."""
    OPEN = "open"
    """It does not; nothing goes until a probe may be made."""
    HALF_OPEN = "half_open"
    """One worker makes a probe: a few messages tell whether it works again."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """How an account fares, as all workers see it.

    Attributes:
        failures: In a row.
        openings: In a row; each makes the next pause longer.
        retry_at: When a probe may be made, or made anew when nothing was heard of the last one.
        last_error: What went wrong last, in the server's words or ours; never a credential.
    """

    account: str
    state: BreakerState
    failures: int
    openings: int
    changed_at: datetime
    retry_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an account may go to a group of destinations, or to one domain.

    Attributes:
        next_at: The next moment that nobody has taken.
        per_minute: What deferrals taught; `None`: no lesson.
        slowed_at: When it was learned.
    """

    account: str
    destination: str
    next_at: datetime
    per_minute: int | None = None
    slowed_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class AccountLimit:
    """At most so many messages a minute to a destination; `all`: to all of them together."""

    account: str
    destination: str
    per_minute: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """All that bounds what accounts may carry, read together."""

    breakers: tuple[Breaker, ...] = ()
    paces: tuple[Pace, ...] = ()
    limits: tuple[AccountLimit, ...] = ()
    warm_ups: Mapping[str, date] = field(default_factory=dict)
