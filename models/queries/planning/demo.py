"""Offering many outbox rows at once, and which of them were taken before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.ids import dedup_key, key_bucket
from models.queries.arrays import array
from models.queries.routing import routed, slice_of
from models.query import Copy, Query


@dataclass(frozen=True, slots=True)
class NewRow:
    """An outbox row as a producer writes it, `data` as JSON text; the database adds id and time."""

    topic: str
    data: str
    dedup_key: str
    recipients: tuple[str, ...] = ()
    audience: str | None = None
    actor: str | None = None
    thread: str | None = None
    priority: int | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    tags: tuple[str, ...] = ()


_COLUMNS = (
    "topic", "data", "dedup_key", "recipients", "audience", "actor", "thread", "priority",
    "not_before", "expires_at", "tags",
)  # fmt: skip


def write_outbox(rows: Sequence[NewRow]) -> Copy:
    """Rows into our own outbox, in this order."""
    values = [
        (
            row.topic, row.data, row.dedup_key, array(row.recipients), row.audience, row.actor,
            row.thread, row.priority, row.not_before, row.expires_at, array(row.tags),
        )
        for row in rows
    ]  # fmt: skip
    return Copy("outbox", _COLUMNS, values)


def taken(source: UUID, keys: Collection[str], now: datetime) -> Query[set[str]]:
    """Those of a source's dedup keys that an event holds."""
    names = {dedup_key(key): key for key in keys}
    buckets = [key_bucket(source, name) for name in names]
    return routed(
        """
        SELECT k.key
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:names AS text[])) u (bucket, name)
          JOIN event_keys k ON k.bucket = u.bucket AND k.source = :source AND k.key = u.name
         WHERE k.bucket = ANY(:slice) AND k.expires_at > :now
        """,
        slice_of(buckets),
        lambda result: {names[name] for name in result.scalars()},
        source=source,
        now=now,
        buckets=buckets,
        names=list(names),
    )
