"""How things stand and how they went: counts over time, the queue, the workers."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time cut into equal bins; `until` is not part of it."""

    since: datetime
    until: datetime
    step: timedelta


@dataclass(frozen=True, slots=True)
class Flow:
    """Deliveries that entered and left a state in one bin of time."""

    at: datetime
    channel: str
    state: str
    reason: str
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Volume:
    """How many deliveries of a topic came into a state."""

    topic: str
    state: str
    entered: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Hand-overs that took about as long; see `models.counts.Latency` for the bins."""

    at: datetime
    bin: int
    count: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Rows of the queue that wait for the same thing.

    Attributes:
        held_for: Why they are not due yet; `None` when nothing holds them.
        due: Of them, how many nobody works on although their time has come.
        oldest_due: When the first of those came due.
        next_due: When the first of the others comes due.
    """

    state: str
    held_for: str | None
    rows: int
    due: int
    oldest_due: datetime | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class WorkerSign:
    """A worker and when it was last seen."""

    host: str
    pid: int
    process: int
    version: str
    started_at: datetime
    seen_at: datetime
    clock_skew_ms: int
