"""One delivery, as a line of a list and whole; and which are asked for."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.records import Json


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list that is ordered by time and id, newest first."""

    at: datetime
    id: UUID


class Noticed(StrEnum):
    """What was noticed of a delivery, and is no state of it."""

    OPENED = "opened"
    """A person opened it, as far as one can see."""
    CLICKED = "clicked"
    """A person followed a link of it."""
    MACHINES = "machines"
    """A machine opened it, or followed a link of it."""
    CONVERTED = "converted"
    """Its recipient did something that counts for it."""
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class OfCampaign:
    """The part of a campaign that deliveries are of; what is `None` does not matter.

    Attributes:
        run: The number of a run.
        step: Key of a step of the campaign.
        variant: Key of a variant; empty: of those without one.
    """

    campaign: str
    run: int | None = None
    step: str | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries are asked for; what is empty or `None` does not matter.

    Attributes:
        reason: Why it was held, skipped or failed.
        provider: What carried it; with it and with `destination` only what left the queue is found.
        kind: What was noticed of it; with it, too, only what left the queue.
        before: Only what comes after this place in the list.
    """

    states: frozenset[str] = field(default_factory=frozenset)
    reason: str | None = None
    channel: str | None = None
    topic: str | None = None
    recipient: str | None = None
    klass: str | None = None
    provider: str | None = None
    destination: str | None = None
    kind: str | None = None
    of: OfCampaign | None = None
    since: datetime | None = None
    before: Position | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One delivery in a list; state, hold and attempts as they are now."""

    delivery_id: UUID
    created_at: datetime
    topic: str
    recipient_id: str
    channel: str
    step: str
    state: str
    reason: str | None
    held_for: str | None
    due_at: datetime | None
    attempts: int
    sent_at: datetime | None
    settled_at: datetime | None
    test: bool

    @property
    def why(self) -> str | None:
        """The reason that explains the state."""
        return self.held_for or self.reason


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everything kept about one delivery.

    Attributes:
        begun_at: When its transmission began; only while it is being sent.
        tries: Attempts that ended in a temporary error; only while it is queued.
        context: What its template was filled with: JSON, compressed by zlib.
        content_hash: SHA-256 of what was sent.
    """

    delivery_id: UUID
    event_id: UUID
    recipient_id: str
    topic: str
    klass: str
    channel: str
    step: str
    state: str
    reason: str | None
    held_for: str | None
    detail: str | None
    attempts: int
    tries: int
    account: str | None
    provider: str | None
    destination: str | None
    address: str | None
    message_id: str | None
    template: str | None
    template_version: int | None
    context: bytes | None
    content_hash: bytes | None
    response: str | None
    test: bool
    created_at: datetime
    due_at: datetime | None
    begun_at: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None
    trace: Json | None

    @property
    def why(self) -> str | None:
        """The reason that explains the state."""
        return self.held_for or self.reason


@dataclass(frozen=True, slots=True)
class Reaction:
    """What came back about a delivery."""

    kind: str
    vendor: str
    occurred_at: datetime
    detail: Json
