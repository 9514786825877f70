"""The in-app feed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Bucket


class InboxItem(Base):
    """One item of a feed. `seq` is its gapless place, `change` its newest change."""

    __tablename__ = "inbox"
    bucket: Mapped[Bucket]
    recipient_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    change: Mapped[int]
    delivery_id: Mapped[UUID]
    topic: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    url: Mapped[str | None]
    actor: Mapped[str | None]
    thread: Mapped[str | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    __table_args__ = (
        Index("inbox_change", "bucket", "recipient_id", "change"),
        Index("inbox_archived", "archived_at", postgresql_where=text("archived_at IS NOT NULL")),
    )
