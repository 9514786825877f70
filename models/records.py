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
    """What a notification is about, and how it is treated."""

    key: str
    title: str
    category: str
    klass: Class
    steps: tuple[Step, ...]
    schema: Json | None = None
    dedup_window: timedelta = timedelta(days=7)
    lifetime: timedelta | None = None
    mandatory: bool = False
    sensitive: bool = False
    on_doubt: str | None = None


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
    """One row of an outbox, exactly as the producer wrote it."""

    id: UUID
    topic: str
    recipients: tuple[str | None, ...] | None
    audience: str | None
    data: Any
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


@dataclass(frozen=True, slots=True)
class EventPlace:
    """Where an event's row is: enough to read it without a scan."""

    event_id: UUID
    day: date
