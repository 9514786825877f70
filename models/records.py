"""Frozen values that cross the border between `models` and the other packages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

Json = Mapping[str, Any]


class Class(StrEnum):
    """How much a topic may ask of a recipient's attention."""

    CRITICAL = "critical"
    """Security and one-time passwords."""
    TRANSACTIONAL = "transactional"
    """The recipient did something, or something happened to what is theirs."""
    PROMOTIONAL = "promotional"
    """We would like them to do something."""


PRIORITIES: dict[Class, tuple[int, int]] = {
    Class.CRITICAL: (7, 9),
    Class.TRANSACTIONAL: (4, 6),
    Class.PROMOTIONAL: (0, 3),
}
"""Lowest and highest priority of a class; 9 goes first."""


@dataclass(frozen=True, slots=True)
class Step:
    """One channel a topic goes out on; `key` never changes, delivery ids are made of it."""

    key: str
    channel: str
    template: str | None


@dataclass(frozen=True, slots=True)
class Topic:
    """What a notification is about, and how it is treated; `schema` is JSON text."""

    key: str
    title: str
    category: str
    klass: Class
    steps: tuple[Step, ...]
    schema: str | None = None
    dedup_window: timedelta = timedelta(days=7)
    lifetime: timedelta | None = None
    mandatory: bool = False
    sensitive: bool = False
    on_doubt: str | None = None

    def template(self, step: str) -> str | None:
        """The template of one of its steps."""
        return next((one.template for one in self.steps if one.key == step), None)


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One saved version of a template. Never changes.

    Attributes:
        template: Key of the template.
        version: Counts from 1.
        channel: The channel it is written for.
        subject: Jinja; subject of a mail, title of an in-app item.
        source: MJML with Jinja for e-mail, Jinja text for in-app.
        preheader: Jinja; what inboxes show after the subject.
        text: Jinja; the plain text part, `None` to derive it.
        url: Jinja; where an in-app item leads.
        compiled: HTML with the Jinja left in it, made once when the version was saved.
    """

    template: str
    version: int
    channel: str
    subject: str
    source: str
    preheader: str | None = None
    text: str | None = None
    url: str | None = None
    compiled: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One account at a provider.

    Attributes:
        key: Its name.
        provider: Key of the provider.
        channel: Key of the channel it carries.
        url: How to reach it, credentials included: never logged, never shown.
    """

    key: str
    provider: str
    channel: str
    url: str = field(repr=False)
    priority: int = 0
    weight: int = 1


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One row of an outbox, exactly as the producer wrote it; `data` is JSON text."""

    id: UUID
    topic: str
    recipients: tuple[str | None, ...] | None
    audience: str | None
    data: str | None
    dedup_key: str | None
    actor: str | None
    thread: str | None
    priority: int | None
    not_before: datetime | None
    expires_at: datetime | None
    tags: tuple[str | None, ...] | None
    locale: str | None
    tenant: str | None
    traceparent: str | None
    test: bool
    created_at: datetime
    source: UUID | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A key an outbox row takes: its own, or the one its producer chose.

    Attributes:
        text: `r:` and the outbox id, or `k:` and the dedup key.
        row_id: The outbox row that takes it.
        body_hash: SHA-256 of what the row says.
        expires_at: Until when the name is taken.
    """

    bucket: int
    source: UUID
    text: str
    row_id: UUID
    event_id: UUID
    day: date
    body_hash: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as planning writes it."""

    event_id: UUID
    bucket: int
    day: date
    source: UUID
    row: OutboxRow
    state: str
    priority: int
    recipient_count: int
    recipients: tuple[str, ...] | None
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An outbox row whose dedup key was taken by `original`."""

    original: Key
    row: OutboxRow
    source: UUID
    differs: bool


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery as planning writes it; queued unless planning decided against it.

    Attributes:
        lane: Priority × 16 plus a hash of tenant or topic.
        data: The event's data when it is small enough to travel with the row.
        trace: The checks so far, as JSON text.
    """

    delivery_id: UUID
    bucket: int
    day: date
    event_id: UUID
    recipient_id: str
    topic: str
    klass: Class
    channel: str
    step: str
    state: str
    reason: str | None
    held_for: str | None
    lane: int
    due_at: datetime
    expires_at: datetime | None
    data: str | None
    actor: str | None
    thread: str | None
    tags: tuple[str, ...] | None
    locale: str | None
    tenant: str | None
    test: bool
    created_at: datetime
    trace: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some recipients of an expanding event, all of one bucket."""

    bucket: int
    event_id: UUID
    chunk: int
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event read back: what expanding and filling need of it."""

    event_id: UUID
    topic: str
    data: str | None
    actor: str | None
    thread: str | None
    tags: tuple[str, ...] | None
    locale: str | None
    tenant: str | None
    priority: int
    not_before: datetime | None
    expires_at: datetime | None
    test: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DueRow:
    """A row of the queue whose time has come."""

    bucket: int
    delivery_id: UUID
    day: date
    event_id: UUID
    recipient_id: str
    topic: str
    klass: Class
    channel: str
    step: str
    lane: int
    held_for: str | None
    due_at: datetime
    expires_at: datetime | None
    attempt: int
    tries: int
    crashes: int
    entered_at: datetime
    data: str | None
    actor: str | None
    thread: str | None
    locale: str | None
    tenant: str | None
    test: bool
    created_at: datetime
    trace: Json


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
    """

    profile: Profile | None
    addresses: Mapping[str, tuple[Reachable, ...]] = field(default_factory=dict)
    preferences: Mapping[tuple[str, str], bool] = field(default_factory=dict)

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


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a delivery ended, written by the transaction that deletes its queue row."""

    bucket: int
    day: date
    delivery_id: UUID
    state: str
    reason: str | None
    detail: str | None
    attempts: int
    trace: str
    account: str | None = None
    provider: str | None = None
    destination: str | None = None
    address: str | None = None
    message_id: str | None = None
    template: str | None = None
    template_version: int | None = None
    context: bytes | None = None
    content_hash: bytes | None = None
    response: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt to hand a message over, as it is kept."""

    bucket: int
    day: date
    delivery_id: UUID
    attempt: int
    account: str | None
    provider: str | None
    outcome: str
    reason: str | None
    code: int | None
    enhanced: str | None
    response: str | None
    begun_at: datetime | None
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """The dimensions under which moves between states are counted."""

    topic: str
    channel: str
    klass: str
    state: str
    reason: str = ""
    provider: str = ""
    destination: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """An outbox we drain; `url` is `None` for our own database."""

    source: UUID
    name: str
    url: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Configuration as it stands: what topics, templates, accounts and sources there are.

    Attributes:
        live: Template key to the version that is sent now.
    """

    topics: Mapping[str, Topic]
    live: Mapping[str, int]
    accounts: tuple[Account, ...]
    sources: tuple[Source, ...]
