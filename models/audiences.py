"""Audiences, their versions, and who is on the lists among them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Bucket, Json


class Audience(Base):
    """A set of recipients that people saved; who belongs is in its versions."""

    __tablename__ = "audiences"
    audience: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str | None]
    """Whose it is; null: the installation's."""
    version: Mapped[int]
    """The one in force."""
    size: Mapped[int | None]
    """Its members when they were last counted; null: they never were."""
    counted_at: Mapped[datetime | None]


class AudienceVersion(Base):
    """One saved version of an audience. Never changes."""

    __tablename__ = "audience_versions"
    audience: Mapped[str] = mapped_column(ForeignKey("audiences.audience"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    document: Mapped[Json]
    list: Mapped[int | None]
    """Which of its lists it shows, 0: none yet; null: it is no list."""
    note: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class AudienceMember(Base):
    """A recipient on a list. A new list is written beside the one in force."""

    __tablename__ = "audience_members"
    bucket: Mapped[Bucket]
    audience: Mapped[str] = mapped_column(primary_key=True)
    list: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recipient_id: Mapped[str] = mapped_column(primary_key=True)
    __table_args__ = (Index("audience_members_recipient", "bucket", "recipient_id"),)
