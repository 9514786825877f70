"""Deliveries from the plan to their end, as values."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from models.records.catalog import Class


class NewDelivery(NamedTuple):
    """A delivery as planning writes it; queued unless planning decided against it.

    A tuple, because a launch makes a million of them: a frozen dataclass of this size takes three
    times as long.

    Attributes:
        lane: Priority × 16 plus a hash of tenant or topic.
        data: The event's data when it is small enough to travel with the row.
        trace: The checks so far, as JSON text.
        content: Hash of what it says; `None` where that may be said twice.
        follower: The delivery that waits for the end of this one.
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
    wanted_at: datetime
    trace: str
    content: bytes | None = None
    throttled: bytes | None = None
    follower: UUID | None = None
    digest: bool = False
    """It is the message of a digest, whose id stands for the event's."""
    campaign: str | None = None
    cohort: str = ""
    """The part of a campaign's run that it belongs to: `3/welcome/a`; empty outside campaigns."""
    template: str | None = None
    """What it says where its campaign chose that; `None`: what its topic's step says then."""
    template_version: int | None = None
    extras: str | None = None
    """What its mail carries besides its words, as JSON text."""


@dataclass(frozen=True, slots=True)
class DueRow:
    """A row of the queue whose time has come; `data` and `trace` are JSON text."""

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
    campaign: str | None
    test: bool
    created_at: datetime
    trace: str
    doubts: int = 0
    """Attempts of which nobody knows whether they were accepted."""
    follower: UUID | None = None
    """The delivery that waits for the end of this one."""
    content: bytes | None = None
    """Hash of what it says; `None` where that may be said twice."""
    throttled: bytes | None = None
    """Hash of the value its topic's throttle goes by; `None` where it has none."""
    tags: tuple[str, ...] = ()
    wanted_at: datetime | None = None
    """Since when it is late: when it was made, its producer's moment, or the end of our holding."""
    digest: bool = False
    """It is the message of a digest, whose id stands for the event's."""
    cohort: str = ""
    """The part of a campaign's run that it belongs to."""
    template: str | None = None
    """What it says where its campaign chose that."""
    template_version: int | None = None
    extras: str | None = None
    """What its mail carries besides its words, as JSON text."""


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
class Settled:
    """A delivery that left the queue, as far as it matters to what comes next.

    Attributes:
        trace: JSON text.
        accepted: An attempt of it is known to have been accepted.
        doubts: Attempts of which nobody knows whether they were accepted.
    """

    bucket: int
    day: date
    delivery_id: UUID
    event_id: UUID
    recipient_id: str
    topic: str
    klass: Class
    channel: str
    step: str
    state: str
    reason: str | None
    attempts: int
    provider: str | None
    destination: str | None
    campaign: str | None
    test: bool
    created_at: datetime
    due_at: datetime | None
    settled_at: datetime | None
    trace: str
    accepted: bool
    doubts: int
    digest: bool = False
    """It is the message of a digest, whose id stands for the event's."""
    account: str | None = None
    message_id: str | None = None
    cohort: str = ""
    """The part of a campaign's run that it belongs to."""
    template: str | None = None
    """What it says where its campaign chose that."""
    template_version: int | None = None


@dataclass(frozen=True, slots=True)
class Requeued:
    """A queue row made anew from history; `attempt` and `doubts` go on where they were."""

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
    doubts: int
    data: str | None
    actor: str | None
    thread: str | None
    tags: tuple[str, ...] | None
    locale: str | None
    tenant: str | None
    campaign: str | None
    test: bool
    created_at: datetime
    trace: str
    content: bytes | None = None
    follower: UUID | None = None
    digest: bool = False
    cohort: str = ""
    template: str | None = None
    template_version: int | None = None
    extras: str | None = None


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
    """The dimensions under which moves between states are counted.

    Attributes:
        provider: This and all below are empty while a delivery is in the queue: its account is
            chosen last.
        sender: The domain it was sent from.
    """

    topic: str
    channel: str
    klass: str
    state: str
    reason: str = ""
    provider: str = ""
    destination: str = ""
    account: str = ""
    sender: str = ""
    campaign: str = ""
    cohort: str = ""
    """The part of a campaign's run."""


def sender_of(message_id: str | None) -> str:
    """The domain a mail was sent from: what stands right of the @ in its Message-ID."""
    return (message_id or "").partition("@")[2]
