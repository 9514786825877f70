"""Outbox rows and the events they become, as values."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


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
        body_hash: SHA-256 of what the row says; empty on a row's own key.
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
    extras: str | None = None
    """What its mails carry besides their words, as JSON text: see `delivery.extras`."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An outbox row whose dedup key was taken by `original`."""

    original: Key
    row: OutboxRow
    source: UUID
    differs: bool


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event read back: what expanding and filling need of it.

    Attributes:
        keyed: Its producer gave it a dedup key.
        content: Hash of what it says; `None` where that may be said twice, or is not known here.
        throttled: Hash of the value its topic's throttle goes by.
        extras: What its mails carry besides their words, as JSON text.
    """

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
    keyed: bool = False
    content: bytes | None = None
    throttled: bytes | None = None
    extras: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some recipients of an expanding event, all of one bucket."""

    bucket: int
    event_id: UUID
    chunk: int
    recipients: tuple[str, ...]
