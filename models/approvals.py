"""What waits for a second pair of eyes, what was said of it, and what needs it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json, Small


class Approval(Base):
    """An ask: of a subject one is live, so what was approved is never beside what is asked now."""

    __tablename__ = "approvals"
    approval: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    team: Mapped[str | None]
    fingerprint: Mapped[bytes]
    document: Mapped[Json]
    before: Mapped[Json | None]
    weight: Mapped[int]
    needed: Mapped[Small]
    note: Mapped[str]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("people.person"))
    edited_by: Mapped[str | None]
    requested_at: Mapped[datetime]
    state: Mapped[str]
    settled_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "approvals_live", "kind", "subject", unique=True,
            postgresql_where=text("state IN ('waiting', 'approved')"),
        ),
        Index("approvals_requested_at", "requested_at"),
    )  # fmt: skip


class Remark(Base):
    """What somebody said of an ask; each person decides once."""

    __tablename__ = "approval_remarks"
    remark: Mapped[UUID] = mapped_column(primary_key=True)
    approval: Mapped[UUID] = mapped_column(ForeignKey("approvals.approval"))
    at: Mapped[datetime]
    person: Mapped[UUID] = mapped_column(ForeignKey("people.person"))
    decision: Mapped[str | None]
    words: Mapped[str]
    __table_args__ = (
        Index("approval_remarks_approval", "approval", "at"),
        Index(
            "approval_remarks_decided", "approval", "person", unique=True,
            postgresql_where=text("decision IS NOT NULL"),
        ),
    )  # fmt: skip


class Thresholds(Base):
    """A version of what needs approval."""

    __tablename__ = "approval_thresholds"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[Json]
    note: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
