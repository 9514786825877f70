"""What is known of recipients when a decision is made, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from models.records.ledger import Ledger

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a template may know about a recipient."""

    recipient_id: str
    name: str | None = None
    locale: str | None = None
    timezone: str | None = None
    org: str | None = None
    attributes: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reachable:
    """One address of a recipient, with the copy of its suppression."""

    address: str
    preferred: bool
    suppressed_for: str | None = None
    suppressed_until: datetime | None = None

    def is_suppressed(self, now: datetime) -> bool:
        """Whether nothing may be sent to it at this moment."""
        over = self.suppressed_until is not None and self.suppressed_until <= now
        return self.suppressed_for is not None and not over


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision about one recipient may look at.

    Attributes:
        profile: `None` when nobody with this id is known.
        addresses: Channel to addresses, the preferred one first.
        preferences: (category, channel) to the recipient's choice; channel `*` is every one.
        ledger: What was sent to them lately, as far as a rule counts it.
    """

    profile: Profile | None
    addresses: Mapping[str, tuple[Reachable, ...]] = field(default_factory=dict)
    preferences: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    def usable(self, channel: str, now: datetime) -> Reachable | None:
        """The first address of a channel that is not suppressed."""
        for address in self.addresses.get(channel, ()):
            if not address.is_suppressed(now):
                return address
        return None

    def allows(self, category: str, channel: str) -> bool:
        """Whether the recipient wants this category on this channel; silence is consent."""
        everywhere = self.preferences.get((category, "*"), True)
        return self.preferences.get((category, channel), everywhere)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One new item of a recipient's feed."""

    bucket: int
    recipient_id: str
    seq: int
    change: int
    delivery_id: UUID
    topic: str
    title: str
    body: str
    url: str | None
    actor: str | None
    thread: str | None
