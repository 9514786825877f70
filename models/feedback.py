"""What came back about messages: as it came, what rests by it, and which links were followed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BY_DAY, Base, Bucket, Json


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
    campaign: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    times: Mapped[int]
    deliveries: Mapped[int]
    """Mails in which it was followed at least once."""
