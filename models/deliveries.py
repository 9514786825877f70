"""Messages from the plan to their end: the hot queue, the history, the counts."""

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
        BY_DAY,
    )


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
        Index("queue_campaign", "campaign", postgresql_where=text("campaign IS NOT NULL")),
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


class Feedback(Base):
    """What came back about a delivery: delivered, bounced, opened, complained."""

    __tablename__ = "feedback"
    bucket: Mapped[Bucket]
    day: Mapped[date] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    vendor: Mapped[str] = mapped_column(primary_key=True)
    vendor_event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    detail: Mapped[Json]
    __table_args__ = (
        # What is rare is found by itself: whose deliveries these are is asked from charts.
        Index(
            "feedback_rare", "occurred_at",
            postgresql_where=text("kind IN ('complained', 'unsubscribed')"),
        ),
        BY_DAY,
    )  # fmt: skip


class FeedbackUnmatched(Base):
    """Feedback about nothing we know, or about a day already dropped."""

    __tablename__ = "feedback_unmatched"
    bucket: Mapped[Bucket]
    vendor: Mapped[str] = mapped_column(primary_key=True)
    vendor_event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    received_at: Mapped[datetime]
    detail: Mapped[Json]


class FeedbackWaiting(Base):
    """Feedback that came and is not folded yet. Bucket: of its delivery, else of its key."""

    __tablename__ = "feedback_waiting"
    bucket: Mapped[Bucket]
    vendor: Mapped[str] = mapped_column(primary_key=True)
    vendor_event_id: Mapped[str] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID | None]
    kind: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When it is looked at: later, while our own record is being written."""
    detail: Mapped[Json]
    __table_args__ = (Index("feedback_waiting_due", "due_at"),)


class SoftBounce(Base):
    """A delivery that came back for now; so many to one address in a while, and it rests.

    Bucket: of the normalised address.
    """

    __tablename__ = "soft_bounces"
    bucket: Mapped[Bucket]
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class LinkCount(Base):
    """How often a link of a template version was followed, and by whom; link 0 are the opens.

    Spread over a few buckets, so that workers do not wait for each other: what counts is the sum.
    """

    __tablename__ = "link_counts"
    bucket: Mapped[Bucket]
    template: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    link: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    by: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]
    deliveries: Mapped[int]
    """Mails in which it was followed at least once."""


FOLDED = UUID(int=0)
"""The batch of counts that were added up."""


class Rollup(Base):
    """Counts of moves, appended by the transaction that made them and folded by upkeep.

    For each state the sum of `entered` less the sum of `left` is the number of rows in it.
    """

    __tablename__ = "rollups"
    bucket: Mapped[Bucket]
    batch: Mapped[UUID] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(primary_key=True)
    klass: Mapped[str] = mapped_column("class", primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    sender: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    """The domain it was sent from."""
    campaign: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    cohort: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    entered: Mapped[int]
    left: Mapped[int]
    __table_args__ = (
        Index("rollups_minute", "minute"),
        Index("rollups_unfolded", "minute", postgresql_where=text(f"batch <> '{FOLDED}'")),
        Index("rollups_campaign", "campaign", postgresql_where=text("campaign <> ''")),
    )


class RollupHour(Base):
    """The same counts, added up by hour as they are folded: what long charts read.

    Bucket: one for each shard, so that an hour has one row a dimension, not one a batch.
    """

    __tablename__ = "rollup_hours"
    bucket: Mapped[Bucket]
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(primary_key=True)
    klass: Mapped[str] = mapped_column("class", primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    entered: Mapped[int]
    left: Mapped[int]
    __table_args__ = (
        Index("rollup_hours_hour", "hour"),
        # A chart of its own, of few rows among many.
        Index(
            "rollup_hours_suppressions", "hour",
            postgresql_where=text("state IN ('suppressed', 'lifted')"),
        ),
    )  # fmt: skip


class Latency(Base):
    """A histogram of the time from the producer's commit to the hand-over."""

    __tablename__ = "latencies"
    bucket: Mapped[Bucket]
    batch: Mapped[UUID] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    klass: Mapped[str] = mapped_column("class", primary_key=True)
    bin: Mapped[Small] = mapped_column(primary_key=True, autoincrement=False)
    """Quarter powers of two of a millisecond: bin b holds 2^(b/4) to 2^((b+1)/4) ms."""
    count: Mapped[int]
    __table_args__ = (
        Index("latencies_minute", "minute"),
        Index("latencies_unfolded", "minute", postgresql_where=text(f"batch <> '{FOLDED}'")),
    )


class ReactionTime(Base):
    """A histogram of the time from the hand-over to what came back; bins as `Latency` has them."""

    __tablename__ = "reaction_times"
    bucket: Mapped[Bucket]
    batch: Mapped[UUID] = mapped_column(primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    """A quarter of an hour."""
    channel: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    bin: Mapped[Small] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    __table_args__ = (
        Index("reaction_times_slot", "slot"),
        Index("reaction_times_unfolded", "slot", postgresql_where=text(f"batch <> '{FOLDED}'")),
    )
