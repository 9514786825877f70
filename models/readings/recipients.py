"""Everything kept about one recipient."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.records import Json


@dataclass(frozen=True, slots=True)
class Card:
    """Who a recipient is, as far as we were told."""

    recipient_id: str
    name: str | None
    locale: str | None
    timezone: str | None
    org: str | None
    attributes: Json
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AddressLine:
    """One address, and what is known of its suppression.

    Attributes:
        suppressed_for: Why nothing is sent to it; `None` when it may be used.
        suppressed_by: Who or what said so; `None` when only the copy on the address is left.
    """

    channel: str
    address: str
    preferred: bool
    suppressed_for: str | None
    suppressed_until: datetime | None
    suppressed_by: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """What the recipient chose for a category; channel `*` is every one."""

    category: str
    channel: str
    allowed: bool
    changed_at: datetime
    changed_by: str


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
