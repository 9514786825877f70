"""Everything kept about one recipient."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.records import Block, Json


@dataclass(frozen=True, slots=True)
class Card:
    """Who a recipient is, as far as we were told."""

    recipient_id: str
    name: str | None
    locale: str | None
    timezone: str | None
    org: str | None
    quiet_hours: Json | None
    digest: Json | None
    attributes: Json
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AddressLine:
    """One address, and the copies of its suppressions, the widest first; some may be over."""

    channel: str
    address: str
    preferred: bool
    blocks: tuple[Block, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """How much of the feed was looked at."""

    items: int
    unseen: int
    unread: int


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One item of the feed."""

    seq: int
    delivery_id: UUID
    topic: str
    title: str
    body: str
    url: str | None
    created_at: datetime
    seen_at: datetime | None
    read_at: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class RecentRecipient:
    """Somebody something was lately decided for."""

    recipient_id: str
    name: str | None
    last_at: datetime
