"""What waits in the queue, and what for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HeldLine:
    """Deliveries of one topic that wait on one channel for the same thing.

    Attributes:
        first: When the first of them comes due.
        last: When the last one does; `None`: nobody knows yet.
    """

    held_for: str
    topic: str
    channel: str
    rows: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class ReleaseBin:
    """Deliveries that come due in one step of time, by what holds them."""

    at: datetime
    held_for: str
    rows: int
