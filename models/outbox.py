"""Events from the outbox row to the plan: the way in."""

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Index, MetaData, Table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from models.base import BY_DAY, Base, Bucket, Json, Small

TOPIC_PREFIX = 200
"""Characters of a topic by which waiting rows are found."""


class Outbox(Base):
    """What producers insert into. No CHECK: a bad row must not abort their transaction."""

    __tablename__ = "outbox"
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    topic: Mapped[str]
    recipients: Mapped[list[str] | None]
    audience: Mapped[str | None]
    data: Mapped[Any] = mapped_column(JSONB, server_default=text("'{}'"), nullable=True)
    dedup_key: Mapped[str | None]
    actor: Mapped[str | None]
    thread: Mapped[str | None]
    priority: Mapped[Small | None]
    not_before: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    tags: Mapped[list[str] | None]
    locale: Mapped[str | None]
    tenant: Mapped[str | None]
    traceparent: Mapped[str | None]
    test: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    source: Mapped[UUID | None]
    """Ours only: the source of the API key that posted it; null: written in SQL."""
    problem: Mapped[str | None]
    """Ours only: what an edge had to replace so that the row could be stored at all."""
    __table_args__ = (
        Index("outbox_waiting", "created_at"),
        # A prefix: an index on a text of any length would refuse the row with a very long one.
        Index("outbox_topic", text(f"left(topic, {TOPIC_PREFIX})"), "created_at"),
    )


def _in(table: Table, expression: str | ColumnElement[Any]) -> str | ColumnElement[Any]:
    return table.c[expression.name] if isinstance(expression, Column) else expression


OURS_ONLY = ("source", "problem")
"""Columns that a producer's own outbox does not have."""


def outbox_ddl(role: str, *, keep: bool = False) -> str:
    """The SQL that makes an outbox in a producer's own database, for the relay's role there.

    With `keep` also `outbox_done`, where planned rows are kept for a while.
    """
    ours = cast("Table", Outbox.__table__)
    table = Table(
        ours.name,
        MetaData(),
        *(
            column._copy()  # noqa: SLF001 - SQLAlchemy has no public way to copy a column
            for column in ours.columns
            if column.name not in OURS_ONLY
        ),
    )
    indexes = [
        Index(index.name, *(_in(table, each) for each in index.expressions))
        for index in sorted(ours.indexes, key=lambda index: str(index.name))
    ]
    dialect = PGDialect()  # type: ignore[no-untyped-call]
    made: list[DDLElement] = [CreateTable(table), *map(CreateIndex, indexes)]
    statements = [str(each.compile(dialect=dialect)).strip() for each in made]
    name = dialect.identifier_preparer.quote_identifier(role)
    # SKIP LOCKED locks rows, and that needs UPDATE.
    statements.append(f"GRANT SELECT, UPDATE, DELETE ON outbox TO {name}")
    if keep:
        moment = "done_at TIMESTAMP WITH TIME ZONE NOT NULL"
        statements += [
            f"CREATE TABLE outbox_done (LIKE outbox, {moment}, PRIMARY KEY (id))",
            "CREATE INDEX outbox_done_at ON outbox_done (done_at, id)",
            f"GRANT SELECT, INSERT, DELETE ON outbox_done TO {name}",
        ]
    return ";\n".join(statements) + ";\n"


class EventKey(Base):
    """The guard against doubles: see "Plan" in docs/lifecycle.md. Not partitioned."""

    __tablename__ = "event_keys"
    bucket: Mapped[Bucket]
    source: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[UUID]
    event_id: Mapped[UUID]
    day: Mapped[date]
    body_hash: Mapped[bytes]
    expires_at: Mapped[datetime]
    __table_args__ = (Index("event_keys_expiry", "expires_at"),)


class Event(Base):
    """One outbox row that was read, whatever became of it."""

    __tablename__ = "events"
    bucket: Mapped[Bucket]
    day: Mapped[date] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[UUID]
    outbox_id: Mapped[UUID]
    topic: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    detail: Mapped[str | None]
    dedup_key: Mapped[str | None]
    duplicates: Mapped[int] = mapped_column(server_default=text("0"))
    recipients: Mapped[list[str] | None]
    """Null when it is expanding: then `expansions` has them. Of an audience: null until its members
    were gathered, then empty."""
    recipient_count: Mapped[int]
    audience: Mapped[str | None]
    data: Mapped[Any] = mapped_column(JSONB, nullable=True)
    extras: Mapped[Json | None]
    """What its mails carry besides their words: see `delivery.extras`."""
    actor: Mapped[str | None]
    thread: Mapped[str | None]
    tenant: Mapped[str | None]
    tags: Mapped[list[str] | None]
    locale: Mapped[str | None]
    priority: Mapped[Small]
    not_before: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    traceparent: Mapped[str | None]
    test: Mapped[bool]
    created_at: Mapped[datetime]
    planned_at: Mapped[datetime]
    __table_args__ = (
        Index("events_recent", "created_at"),
        Index("events_rejected", "planned_at", postgresql_where=text("state = 'rejected'")),
        Index("events_expanding", "created_at", postgresql_where=text("state = 'expanding'")),
        BY_DAY,
    )


class EventDuplicate(Base):
    """An outbox row whose dedup key was taken; kept in the bucket of the original."""

    __tablename__ = "event_duplicates"
    bucket: Mapped[Bucket]
    source: Mapped[UUID] = mapped_column(primary_key=True)
    outbox_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    """The original."""
    day: Mapped[date]
    dedup_key: Mapped[str]
    differs: Mapped[bool]
    """Its body is another than the original's."""
    data: Mapped[Any] = mapped_column(JSONB, nullable=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    __table_args__ = (Index("event_duplicates_seen", "seen_at"),)


class Expansion(Base):
    """A chunk of an expanding event's recipients, all of one bucket."""

    __tablename__ = "expansions"
    bucket: Mapped[Bucket]
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    chunk: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recipients: Mapped[list[str]]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    __table_args__ = (
        Index("expansions_open", "due_at", postgresql_where=text("done_at IS NULL")),
        Index("expansions_event", "event_id", postgresql_where=text("done_at IS NULL")),
    )


class SourceStanding(Base):
    """How a producer's own outbox stood when a worker last looked. Single-node."""

    __tablename__ = "source_standings"
    source: Mapped[UUID] = mapped_column(primary_key=True)
    rows: Mapped[int]
    oldest: Mapped[datetime | None]
    problem: Mapped[str | None]
    """Why it could not be looked at; the counts are then those of the last time it could."""
    looked_at: Mapped[datetime]


class Idempotency(Base):
    """What an Idempotency-Key was used for, so that 202 again and 409 can be told apart."""

    __tablename__ = "idempotency"
    source: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes]
    outbox_id: Mapped[UUID]
    expires_at: Mapped[datetime]
    __table_args__ = (Index("idempotency_expiry", "expires_at"),)
