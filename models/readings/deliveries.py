"""One delivery, as a line of a list and whole."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.records import Json


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list that is ordered by time and id, newest first."""

    at: datetime
    id: UUID


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
