"""What came in: events, repeats of them, and what still waits in the outbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """One outbox row that was read, and what became of it."""

    event_id: UUID
    source: str
    outbox_id: UUID
    topic: str
    state: str
    reason: str | None
    detail: str | None
    dedup_key: str | None
    duplicates: int
    recipients: list[str] | None
    recipient_count: int
    data: Any
    actor: str | None
    thread: str | None
    tenant: str | None
    tags: list[str] | None
    priority: int
    not_before: datetime | None
    expires_at: datetime | None
    test: bool
    created_at: datetime
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Repeat:
    """An outbox row that repeated the dedup key of an earlier event."""

    outbox_id: UUID
    event_id: UUID
    dedup_key: str
    differs: bool
    data: Any
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of our outbox that wait to be planned."""

    topic: str
    rows: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source; `ours` when its outbox is in our own database."""

    source: UUID
    name: str
    ours: bool
    enabled: bool


COUNTED = 100_000
"""Waiting rows are counted up to so many: counting millions would disturb their outbox."""


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """How a producer's own outbox stood.

    Attributes:
        rows: How many waited, at most `COUNTED`.
        oldest: When the oldest of them was written.
        problem: Why nobody could look; the rest is then of the last time somebody could.
    """

    source: UUID
    rows: int
    oldest: datetime | None
    problem: str | None
    looked_at: datetime
