"""News that waits to go together, and what was taken back: all of a recipient in one bucket."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Bucket, Json, Small


class Digest(Base):
    """Deliveries of one recipient that go out, or went, as one message."""

    __tablename__ = "digests"
    bucket: Mapped[Bucket]
    digest_id: Mapped[UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[str]
    topic: Mapped[str]
    klass: Mapped[str] = mapped_column("class")
    channel: Mapped[str]
    step: Mapped[str]
    grouped: Mapped[str]
    """Hash of what its events have in common."""
    kind: Mapped[str]
    tenant: Mapped[str | None]
    test: Mapped[bool]
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    latest_at: Mapped[datetime]
    members: Mapped[int]
    crashes: Mapped[Small] = mapped_column(server_default=text("0"))
    """How often closing it crashed."""
    closed_at: Mapped[datetime | None]
    message_id: Mapped[UUID | None]
    """The delivery that carries it; null while it is open, and where nothing was left to say."""
    __table_args__ = (
        Index(
            "digests_open", "bucket", "recipient_id", "topic", "step", "grouped",
            unique=True, postgresql_where=text("closed_at IS NULL"),
        ),
        Index("digests_due", "closes_at", postgresql_where=text("closed_at IS NULL")),
        Index("digests_closed", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    )  # fmt: skip


class DigestMember(Base):
    """A delivery in a digest: the queue row it was. Its key lets it be in one digest only."""

    __tablename__ = "digest_members"
    bucket: Mapped[Bucket]
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest_id: Mapped[UUID]
    day: Mapped[date]
    event_id: Mapped[UUID]
    lane: Mapped[Small]
    expires_at: Mapped[datetime | None]
    attempt: Mapped[int]
    data: Mapped[Any] = mapped_column(JSONB, nullable=True)
    """The event's, when small; else read from the event."""
    actor: Mapped[str | None]
    thread: Mapped[str | None]
    tags: Mapped[list[str] | None]
    locale: Mapped[str | None]
    tenant: Mapped[str | None]
    campaign: Mapped[str | None]
    created_at: Mapped[datetime]
    content: Mapped[bytes | None]
    """Hash of what it says; null where that may be said twice."""
    follower: Mapped[UUID | None]
    """The delivery that waits for the end of this one."""
    collected_at: Mapped[datetime]
    trace: Mapped[Json | None]
    __table_args__ = (Index("digest_members_digest", "bucket", "digest_id"),)


class Tombstone(Base):
    """That news of a thread was taken back: what happened until then is not sent."""

    __tablename__ = "tombstones"
    bucket: Mapped[Bucket]
    recipient_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    thread: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    """When the event was that took it back."""
    made_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    """When what waited or was collected had been cancelled."""
    __table_args__ = (
        Index("tombstones_open", "made_at", postgresql_where=text("applied_at IS NULL")),
        Index("tombstones_made", "made_at"),
    )
