"""People and everything about them that a decision needs; all of one person in one bucket."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Bucket, Json, Small


class Recipient(Base):
    """A person, or whatever else a product notifies."""

    __tablename__ = "recipients"
    bucket: Mapped[Bucket]
    recipient_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    locale: Mapped[str | None]
    timezone: Mapped[str | None]
    org: Mapped[str | None]
    attributes: Mapped[Json]
    quiet_hours: Mapped[Json | None]
    """When they want to be left alone: `quiet`, lines of a week, and perhaps their `timezone`."""
    digest: Mapped[Json | None]
    """When recurring digests are wanted; null: as the topics say."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RecipientChange(Base):
    """A profile written in SQL by a product, drained like the outbox. A local table."""

    __tablename__ = "recipient_changes"
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    recipient_id: Mapped[str]
    profile: Mapped[Json]
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    problem: Mapped[str | None]
    """Why it could not be applied; null while it waits."""
    __table_args__ = (
        Index("recipient_changes_waiting", "created_at", postgresql_where=text("problem IS NULL")),
    )


class Address(Base):
    """Where a recipient is reached over one channel, with a copy of its suppression."""

    __tablename__ = "addresses"
    bucket: Mapped[Bucket]
    recipient_id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    preferred: Mapped[bool]
    suppressed: Mapped[Json | None]
    """`channel/category` to `{reason, until}`; null when nothing stands against it."""
    created_at: Mapped[datetime]
    __table_args__ = (Index("addresses_address", "address"),)


class Preference(Base):
    """What a recipient chose for one category on one channel; category `*` is every one."""

    __tablename__ = "preferences"
    bucket: Mapped[Bucket]
    recipient_id: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    """`*` for every channel."""
    allowed: Mapped[bool]
    until: Mapped[datetime | None]
    """Of a snooze: when it ends. Everything else stands until it is changed."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class PreferenceChange(Base):
    """One change of a recipient's choices: who, what, when, from where. Never changes."""

    __tablename__ = "preference_changes"
    bucket: Mapped[Bucket]
    recipient_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    allowed: Mapped[bool | None]
    """Null: the choice was taken back."""
    until: Mapped[datetime | None]
    changed_by: Mapped[str]
    via: Mapped[str]


_NAMED = "(((channel || '/'::text) || address) || '/'::text) || category"
"""What names a suppression: `Place.digest` is its hash; in the words Postgres keeps it in."""


class Suppression(Base):
    """An address nothing, or nothing of a category, is sent to. Bucket: of the normalised address.

    Channel `*` is every channel, category `*` every category.
    """

    __tablename__ = "suppressions"
    bucket: Mapped[Bucket]
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True, server_default=text("'*'"))
    reason: Mapped[str]
    source: Mapped[str]
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    __table_args__ = (
        Index(
            "suppressions_recent",
            "created_at", text(f"md5({_NAMED})"),
        ),
        Index(
            "suppressions_address", "address", postgresql_ops={"address": "text_pattern_ops"}
        ),
        Index(
            "suppressions_ending", "expires_at", postgresql_where=text("expires_at IS NOT NULL")
        ),
    )  # fmt: skip


class SuppressionChange(Base):
    """One change of a suppression. Never changes itself. Bucket: as the suppression's."""

    __tablename__ = "suppression_changes"
    bucket: Mapped[Bucket]
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    change: Mapped[str] = mapped_column(primary_key=True)
    """`suppressed` or `lifted`."""
    reason: Mapped[str]
    source: Mapped[str]
    expires_at: Mapped[datetime | None]


class Ledger(Base):
    """The row one locks to decide for a recipient: feed numbers and cap slots."""

    __tablename__ = "ledger"
    bucket: Mapped[Bucket]
    recipient_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(server_default=text("0"))
    """Position of the newest feed item, gapless from 1."""
    change: Mapped[int] = mapped_column(server_default=text("0"))
    """Number of the newest change of the feed."""
    purged: Mapped[int] = mapped_column(server_default=text("0"))
    """Changes up to this one may have been of feed items that are gone."""
    slots: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    """Counter to the slots taken in it: when (milliseconds since 1970), and by which delivery."""
    said: Mapped[bytes] = mapped_column(server_default=text("''::bytea"))
    """What was said within the window of its topic, packed: `delivery/limits/sameness.py`."""
    __table_args__ = ({"postgresql_with": {"fillfactor": "80"}},)


class Erasure(Base):
    """That a recipient was erased, or is being erased: who it was is known by a keyed hash alone.

    Kept for good: it is what late rows, later imports and a restored database are told by.
    """

    __tablename__ = "erasures"
    bucket: Mapped[Bucket]
    pseudonym: Mapped[str] = mapped_column(primary_key=True)
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    reason: Mapped[str]
    subject: Mapped[Json | None]
    """Id, name and addresses; null once it is finished."""
    sweep: Mapped[Small]
    step: Mapped[str]
    place: Mapped[str]
    done: Mapped[Json]
    """Table to rows changed: the certificate."""
    due_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    """When somebody said that this person is to be known again."""
    __table_args__ = (
        Index("erasures_open", "due_at", postgresql_where=text("finished_at IS NULL")),
    )
