"""What is known of recipients when a decision is made, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from models.records.consent import Category, Choices
from models.records.digest_rules import Rhythm
from models.records.digests import Group, OpenDigest
from models.records.ledger import Ledger
from models.records.suppressions import Block

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
    quiet_hours: Json | None = None
    digest: Rhythm | None = None
    """When recurring digests are wanted, if the recipient chose."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """One address of a recipient, with the copies of its suppressions."""

    address: str
    preferred: bool
    blocks: tuple[Block, ...] = ()

    def blocked(self, category: str, now: datetime) -> Block | None:
        """Why nothing of this category may be sent to it at this moment, if so."""
        return next((block for block in self.blocks if block.stops(category, now)), None)


@dataclass(frozen=True, slots=True)
class Earlier:
    """How an earlier step of the same notification stands.

    Attributes:
        seen: The recipient saw it in the feed.
        read: The recipient read or archived it there.
    """

    step: str
    state: str
    settled_at: datetime | None
    seen: bool = False
    read: bool = False

    @property
    def said(self) -> str:
        """Step and state, for the trace."""
        return f"{self.step} {self.state}"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision about one recipient may look at.

    Attributes:
        profile: `None` when nobody with this id is known.
        addresses: Channel to addresses, the preferred one first.
        preferences: The recipient's own choices; with category `*`, a mute.
        ledger: What was sent to them lately, as far as a rule counts it.
        snoozed_until: Until when they want nothing that interrupts; may be over.
        org_preferences: The defaults of their organisation.
        categories: Those that are described, by key, with their own defaults.
        earlier: Earlier steps that waiting ones ask about, by delivery.
        digests: Those that collect for the recipient now.
        cancelled: (topic, thread) to the moment up to which its news were taken back.
    """

    profile: Profile | None
    addresses: Mapping[str, tuple[Reachable, ...]] = field(default_factory=dict)
    preferences: Choices = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    snoozed_until: datetime | None = None
    org_preferences: Choices = field(default_factory=dict)
    categories: Mapping[str, Category] = field(default_factory=dict)
    earlier: Mapping[UUID, Earlier] = field(default_factory=dict)
    digests: Mapping[Group, OpenDigest] = field(default_factory=dict)
    cancelled: Mapping[tuple[str, str], datetime] = field(default_factory=dict)

    def usable(self, channel: str, category: str, now: datetime) -> Reachable | None:
        """The first address of a channel to which news of this category may be sent."""
        for address in self.addresses.get(channel, ()):
            if address.blocked(category, now) is None:
                return address
        return None


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
