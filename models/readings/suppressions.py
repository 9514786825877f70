"""Suppressed addresses, as people read them."""

from dataclasses import dataclass
from datetime import datetime

from models.records import Cause, Place, cause_of


@dataclass(frozen=True, slots=True)
class SuppressionPosition:
    """A place in the list of suppressions, newest first; `digest` is `Place.digest`."""

    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class SuppressionLine:
    """One suppression; channel and category are `*` for all of them."""

    channel: str
    address: str
    category: str
    reason: str
    source: str
    expires_at: datetime | None
    created_at: datetime

    @property
    def place(self) -> Place:
        """What it stops."""
        return Place(self.channel, self.address, self.category)

    @property
    def cause(self) -> Cause:
        """The kind of its reason."""
        return cause_of(self.reason)

    @property
    def position(self) -> SuppressionPosition:
        """Where it stands in the list."""
        return SuppressionPosition(self.created_at, self.place.digest)

    def is_over(self, now: datetime) -> bool:
        """Whether it ended by itself."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class SuppressionChange:
    """One change of a suppression; of a lifted one, `source` lifted it and `reason` says why."""

    at: datetime
    change: str
    channel: str
    address: str
    category: str
    reason: str
    source: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lifting:
    """What lifting suppressions would do.

    Attributes:
        recipients: People who are reached at these addresses.
        waiting: Deliveries that wait for their time on these channels: the gate would find the
            address free again.
        skipped: Deliveries that were skipped for a suppression lately; lifting sends none of them.
        others: Suppressions that still stop some of these addresses after that.
    """

    recipients: int
    waiting: int
    skipped: int
    others: int
