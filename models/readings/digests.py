"""A digest as people read it: what a message carries, and what carries a delivery."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Carried:
    """A delivery in a digest."""

    delivery_id: UUID
    created_at: datetime
    actor: str | None


@dataclass(frozen=True, slots=True)
class Carrier:
    """The digest of a delivery, and how the message stands that carries it.

    Attributes:
        message_id: `None` while it collects.
        state: The message's.
        reason: Why the message is held, or was skipped or failed.
    """

    closes_at: datetime
    closed_at: datetime | None
    message_id: UUID | None
    state: str | None
    reason: str | None
