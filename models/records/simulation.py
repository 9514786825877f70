"""What a simulation reads: deliveries as they were, of some recipients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.records.events import StoredEvent
from models.records.recipients import Profile


@dataclass(frozen=True, slots=True)
class Recorded:
    """A delivery as history has it.

    Attributes:
        due_at: When planning wanted it to go.
        digest: It was the message of a digest.
    """

    delivery_id: UUID
    event_id: UUID
    recipient_id: str
    topic: str
    channel: str
    step: str
    campaign: str | None
    state: str
    reason: str | None
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    digest: bool


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to some recipients: all of each, in order of recipient and time.

    Attributes:
        events: Those whose content matters to a rule.
    """

    recorded: Sequence[Recorded]
    profiles: Mapping[str, Profile]
    events: Mapping[UUID, StoredEvent]
