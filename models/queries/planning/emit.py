"""Writing rows into our own outbox, once for each Idempotency-Key, and finding them again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.ids import key_bucket, row_key
from models.queries.routing import routed, slice_of
from models.query import Answer, Query, count, records, sql
from models.records import OutboxRow

DEFAULT_WINDOW = timedelta(days=7)
"""How long a key stays taken when its topic is not known."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What an Idempotency-Key stands for until it expires."""

    source: UUID
    key: str
    body_hash: bytes
    outbox_id: UUID
    expires_at: datetime


def window_of(topic: str) -> Query[timedelta]:
    """How long a key of this topic stays taken."""
    return sql(
        "SELECT dedup_window FROM topics WHERE topic = :topic",
        lambda result: result.scalar_one_or_none() or DEFAULT_WINDOW,
        topic=topic,
    )


_CLAIMED = {"source": "uuid", "key": "text", "body_hash": "bytea", "outbox_id": "uuid",
            "expires_at": "timestamptz"}  # fmt: skip


def take(claim: Claim, now: datetime) -> Query[int]:
    """Take a key, also over from a claim that expired; waits for whoever takes it right now.

    Returns:
        1 when the key is ours, 0 when somebody else's claim is live.
    """
    return sql(
        """
        INSERT INTO idempotency AS i (source, key, body_hash, outbox_id, expires_at)
        VALUES (:source, :key, :body_hash, :outbox_id, :expires_at)
        ON CONFLICT (source, key) DO UPDATE
           SET body_hash = excluded.body_hash, outbox_id = excluded.outbox_id,
               expires_at = excluded.expires_at
         WHERE i.expires_at <= :now
        """,
        count,
        now=now,
        **{name: getattr(claim, name) for name in _CLAIMED},
    )


def holder(source: UUID, key: str) -> Query[list[Claim]]:
    """The claim on a key."""
    return sql(
        f"SELECT {', '.join(_CLAIMED)} FROM idempotency WHERE source = :source AND key = :key",
        records(Claim),
        source=source,
        key=key,
    )


def succeed(old: Claim, new: Claim) -> Query[int]:
    """Replace a claim whose event was rejected; 0 when somebody else just did."""
    return sql(
        """
        UPDATE idempotency
           SET body_hash = :body_hash, outbox_id = :outbox_id, expires_at = :expires_at
         WHERE source = :source AND key = :key AND outbox_id = :old
        """,
        count,
        old=old.outbox_id,
        **{name: getattr(new, name) for name in _CLAIMED},
    )


_COLUMNS = {
    "id": "uuid", "topic": "text", "recipients": "text[]", "audience": "text", "data": "jsonb",
    "dedup_key": "text", "actor": "text", "thread": "text", "priority": "smallint",
    "not_before": "timestamptz", "expires_at": "timestamptz", "tags": "text[]",
    "locale": "text", "tenant": "text", "traceparent": "text", "test": "boolean",
    "created_at": "timestamptz", "source": "uuid", "problem": "text",
}  # fmt: skip


def insert_outbox(row: OutboxRow) -> Query[int]:
    """Write a row into our own outbox, unless it is there."""
    values = ", ".join(f"CAST(:{name} AS {kind})" for name, kind in _COLUMNS.items())
    parameters = {name: getattr(row, name) for name in _COLUMNS}
    lists = {name: _listed(parameters[name]) for name in ("recipients", "tags")}
    return sql(
        f"INSERT INTO outbox ({', '.join(_COLUMNS)}) VALUES ({values}) ON CONFLICT (id) DO NOTHING",
        count,
        **{**parameters, **lists},
    )


def _listed(values: tuple[str | None, ...] | None) -> list[str | None] | None:
    return None if values is None else list(values)


def waits(source: UUID, outbox_id: UUID) -> Query[bool]:
    """Whether a row of this source still waits in our outbox."""
    return sql(
        "SELECT EXISTS (SELECT FROM outbox WHERE id = :id AND source = :source)",
        lambda result: bool(result.scalar_one()),
        id=outbox_id,
        source=source,
    )


def event_of(source: UUID, outbox_id: UUID) -> Query[UUID | None]:
    """The event a row became, or the original it repeated; `None` before it is planned."""
    key = row_key(outbox_id)
    bucket = key_bucket(source, key)
    return routed(
        """
        SELECT event_id FROM event_keys
         WHERE bucket = ANY(:slice) AND source = :source AND key = :key
        """,
        slice_of([bucket]),
        _maybe_id,
        source=source,
        key=key,
    )


def _maybe_id(result: Answer) -> UUID | None:
    found: UUID | None = result.scalar_one_or_none()
    return found


WAKE = sql("NOTIFY tidings_outbox", count)
"""Tells whoever listens that rows wait; a hint, so in a transaction of its own."""
