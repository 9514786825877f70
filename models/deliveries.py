"""Messages from the plan to their end: the hot queue and the history."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BY_DAY, Base, Bucket, Json, Small


class Delivery(Base):
    """One message to one recipient over one channel in one step; also when it was not sent.

    Written by planning and once more by the transaction that removes its queue row.
    """

    __tablename__ = "deliveries"
    bucket: Mapped[Bucket]
    day: Mapped[date] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    recipient_id: Mapped[str]
    topic: Mapped[str]
    klass: Mapped[str] = mapped_column("class")
    channel: Mapped[str]
    step: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    detail: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    account: Mapped[str | None]
    provider: Mapped[str | None]
    destination: Mapped[str | None]
    address: Mapped[str | None]
    message_id: Mapped[str | None]
    template: Mapped[str | None]
    template_version: Mapped[int | None]
    context: Mapped[bytes | None]
    content_hash: Mapped[bytes | None]
    response: Mapped[str | None]
    campaign: Mapped[str | None]
    cohort: Mapped[str] = mapped_column(server_default=text("''"))
    """The part of a campaign's run that it belongs to: run, step and variant, `3/welcome/a`."""
    test: Mapped[bool]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    trace: Mapped[Json | None]
    digest: Mapped[bool] = mapped_column(server_default=text("false"))
    """It is the message of a digest, whose id stands for the event's."""
    __table_args__ = (
        Index("deliveries_recipient", "bucket", "recipient_id", "created_at"),
        Index("deliveries_recent", "created_at"),
        Index(
            "deliveries_campaign", "campaign", "created_at",
            postgresql_where=text("campaign IS NOT NULL"),
        ),
        BY_DAY,
    )  # fmt: skip


class Queue(Base):
    """What is still to be done. While a row is here it is the truth about its delivery."""

    __tablename__ = "queue"
    bucket: Mapped[Bucket]
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date]
    event_id: Mapped[UUID]
    recipient_id: Mapped[str]
    topic: Mapped[str]
    klass: Mapped[str] = mapped_column("class")
    channel: Mapped[str]
    step: Mapped[str]
    lane: Mapped[Small]
    state: Mapped[str] = mapped_column(server_default=text("'scheduled'"))
    held_for: Mapped[str | None]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    """Fencing number: +1 at each claim, never reused."""
    tries: Mapped[Small] = mapped_column(server_default=text("0"))
    crashes: Mapped[Small] = mapped_column(server_default=text("0"))
    doubts: Mapped[Small] = mapped_column(server_default=text("0"))
    """Attempts nobody knows the end of: while there are any, it is never called unsent."""
    token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    entered_at: Mapped[datetime]
    """When it came into its state."""
    data: Mapped[Any] = mapped_column(JSONB, nullable=True)
    """The event's, when small; else read from the event."""
    actor: Mapped[str | None]
    thread: Mapped[str | None]
    tags: Mapped[list[str] | None]
    locale: Mapped[str | None]
    tenant: Mapped[str | None]
    campaign: Mapped[str | None]
    cohort: Mapped[str] = mapped_column(server_default=text("''"))
    template: Mapped[str | None]
    """What it says where its campaign chose that; null: what its topic's step says then."""
    template_version: Mapped[int | None]
    extras: Mapped[Json | None]
    """What its mail carries besides its words, as its event says it."""
    test: Mapped[bool]
    created_at: Mapped[datetime]
    wanted_at: Mapped[datetime | None]
    """Since when it is late: its producer's moment, or the end of our own holding; null: made."""
    trace: Mapped[Json | None]
    content: Mapped[bytes | None]
    """Hash of what it says; null where that may be said twice."""
    throttled: Mapped[bytes | None]
    """Hash of the value its topic's throttle goes by; null where it has none."""
    follower: Mapped[UUID | None]
    """The delivery that waits for the end of this one."""
    digest: Mapped[bool] = mapped_column(server_default=text("false"))
    """It is the message of a digest, whose id stands for the event's."""
    __table_args__ = (
        Index(
            "queue_out", "lane", "due_at",
            postgresql_where=text("token IS NULL AND channel <> 'in_app'"),
        ),
        Index(
            "queue_feed", "lane", "due_at",
            postgresql_where=text("token IS NULL AND channel = 'in_app'"),
        ),
        Index("queue_recipient", "bucket", "recipient_id"),
        Index("queue_leased", "lease_until", postgresql_where=text("token IS NOT NULL")),
        Index(
            "queue_held", "held_for", "lane",
            postgresql_where=text(
                "held_for IN ('kill_switch', 'breaker', 'account', 'quiet_hours', 'frequency_cap',"
                " 'reputation', 'paused')"
            ),
        ),
        Index(
            "queue_campaign", "campaign", "cohort", postgresql_where=text("campaign IS NOT NULL")
        ),
        {"postgresql_with": {"fillfactor": "80"}},
    )  # fmt: skip


class Attempt(Base):
    """One try to hand a message over and what came of it."""

    __tablename__ = "attempts"
    bucket: Mapped[Bucket]
    day: Mapped[date] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str | None]
    provider: Mapped[str | None]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    code: Mapped[Small | None]
    enhanced: Mapped[str | None]
    response: Mapped[str | None]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime]
    __table_args__ = (
        # What is in doubt is found by its attempts, which are written once: an index on a state
        # of `deliveries` would cost each of their updates a new entry in every index.
        Index("attempts_in_doubt", "ended_at", postgresql_where=text("outcome = 'in_doubt'")),
        BY_DAY,
    )
