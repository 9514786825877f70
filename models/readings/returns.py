"""What came back and how fast, as charts read it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Facets:
    """Of which deliveries counts are asked for; `None` does not matter."""

    topic: str | None = None
    klass: str | None = None
    channel: str | None = None
    provider: str | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What entered and left a state in one bin of time, by who carried it and where to."""

    at: datetime
    provider: str
    destination: str
    state: str
    reason: str
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Delay:
    """What came back about as long after the hand-over; see `models.counts.Latency`."""

    at: datetime
    kind: str
    bin: int
    count: int


@dataclass(frozen=True, slots=True)
class Change:
    """Suppressions that were added, lifted or ended in one bin of time."""

    at: datetime
    change: str
    reason: str
    count: int
