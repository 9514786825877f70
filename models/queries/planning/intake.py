"""The way in: outbox rows, and the keys they take."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.outbox import TOPIC_PREFIX
from models.queries.arrays import array
from models.queries.routing import routed, slice_of
from models.query import Answer, Query, count, sql
from models.records import Key, OutboxRow

_FIRST_MOMENT, _LAST_MOMENT = "1970-01-01", "9000-01-01"
_MOMENTS = ("not_before", "expires_at", "created_at")
# Postgres knows moments that Python does not ('infinity', 4713 BC); a producer may write them.
_STRANGE = " ".join(
    f"WHEN {name} NOT BETWEEN '{_FIRST_MOMENT}' AND '{_LAST_MOMENT}'"
    f" THEN '{name} is not between the years 1970 and 9000'"
    for name in _MOMENTS
)
_BOUNDED = ", ".join(
    f"CASE WHEN {name} IS NOT NULL THEN"
    f" greatest(least({name}, '{_LAST_MOMENT}'), '{_FIRST_MOMENT}') END AS {name}"
    for name in _MOMENTS
)
_OUTBOX = (
    "id, topic, recipients, audience, CAST(data AS text) AS data, dedup_key, actor, thread,"
    f" priority, {_BOUNDED}, tags, locale, tenant, traceparent, coalesce(test, false) AS test"
)


def reading(*, ours: bool) -> str:
    """The columns that are read of an outbox row; our own outbox has two columns more."""
    source, told = ("source", "problem") if ours else ("CAST(NULL AS uuid)", "NULL")
    return f"{_OUTBOX}, {source} AS source, CASE {_STRANGE} ELSE {told} END AS problem"


def outbox_rows(result: Answer) -> list[OutboxRow]:
    """The shape of `reading`."""
    return [
        OutboxRow(
            row.id, row.topic, _tuple(row.recipients), row.audience, row.data, row.dedup_key,
            row.actor, row.thread, row.priority, row.not_before, row.expires_at,
            _tuple(row.tags), row.locale, row.tenant, row.traceparent, row.test,
            row.created_at, row.source, row.problem,
        )
        for row in result
    ]  # fmt: skip


def _tuple(values: list[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)


def is_waiting() -> Query[bool]:
    """Whether the outbox holds a row, locked or not; costs the same however many just left it.

    By its index: the rows that left stay in the table until they are vacuumed, and a look at
    those would pass over all of them.
    """
    return sql("SELECT 1 FROM outbox ORDER BY created_at LIMIT 1", lambda found: bool(found.rows))


def claim_outbox(limit: int, *, ours: bool) -> Query[list[OutboxRow]]:
    """Lock the oldest waiting rows nobody else has locked, whatever their topics.

    Args:
        limit: At most so many.
        ours: Our own outbox has two columns more.
    """
    return sql(
        f"""
        SELECT {reading(ours=ours)}
          FROM outbox ORDER BY outbox.created_at LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        outbox_rows,
        limit=limit,
    )


def claim_topics(
    limit: int, share: int, topics: Sequence[str], *, ours: bool
) -> Query[list[OutboxRow]]:
    """Lock waiting rows of these topics, topic by topic, the oldest of each first.

    Args:
        limit: At most so many in all.
        share: At most so many of one topic.
        topics: In the order they are served.
        ours: Our own outbox has two columns more.
    """
    return sql(
        f"""
        SELECT {reading(ours=ours)}
          FROM unnest(CAST(:topics AS text[])) WITH ORDINALITY wanted (key, place)
         CROSS JOIN LATERAL (
               SELECT * FROM outbox WHERE left(topic, {TOPIC_PREFIX}) = wanted.key
                ORDER BY created_at LIMIT :share FOR UPDATE SKIP LOCKED) outbox
         LIMIT :limit
        """,
        outbox_rows,
        limit=limit,
        share=share,
        topics=[topic[:TOPIC_PREFIX] for topic in topics],
    )


def delete_outbox(ids: Sequence[UUID]) -> Query[int]:
    """Remove rows whose events are committed."""
    return sql("DELETE FROM outbox WHERE id = ANY(:ids)", count, ids=array(ids))


Name = tuple[UUID, str]
"""A key's name: the source it is taken under and its text."""

_KEY_ARRAYS = """
    unnest(CAST(:buckets AS smallint[]), CAST(:sources AS uuid[]), CAST(:keys AS text[]),
           CAST(:row_ids AS uuid[]), CAST(:event_ids AS uuid[]), CAST(:days AS date[]),
           CAST(:hashes AS bytea[]), CAST(:expiries AS timestamptz[]))
"""


def _key_parameters(keys: Sequence[Key]) -> dict[str, Any]:
    return {
        "buckets": array(key.bucket for key in keys),
        "sources": array(key.source for key in keys),
        "keys": array(key.text for key in keys),
        "row_ids": array(key.row_id for key in keys),
        "event_ids": array(key.event_id for key in keys),
        "days": array(key.day for key in keys),
        "hashes": array(key.body_hash for key in keys),
        "expiries": array(key.expires_at for key in keys),
    }


def take_keys(keys: Iterable[Key], now: datetime) -> Query[set[Name]]:
    """Take names, in key order so that two planners cannot deadlock.

    A row's own key is never taken over; a dedup key is, once it expired.

    Returns:
        The names that were taken; the caller lost the others.
    """
    ordered = sorted(keys, key=lambda key: (key.bucket, key.source, key.text))
    return sql(
        f"""
        INSERT INTO event_keys AS k
            (bucket, source, key, row_id, event_id, day, body_hash, expires_at)
        SELECT * FROM {_KEY_ARRAYS}
        ON CONFLICT (bucket, source, key) DO UPDATE
           SET row_id = excluded.row_id, event_id = excluded.event_id, day = excluded.day,
               body_hash = excluded.body_hash, expires_at = excluded.expires_at
         WHERE k.expires_at <= :now AND k.key LIKE 'k:%'
        RETURNING k.source, k.key
        """,
        lambda result: {(row.source, row.key) for row in result},
        now=now,
        **_key_parameters(ordered),
    )


def _keys(result: Answer) -> dict[Name, Key]:
    return {
        (row.source, row.key): Key(
            row.bucket, row.source, row.key, row.row_id, row.event_id, row.day,
            bytes(row.body_hash), row.expires_at,
        )
        for row in result
    }  # fmt: skip


def holders(keys: Sequence[Key]) -> Query[dict[Name, Key]]:
    """Who holds these keys now."""
    return routed(
        """
        SELECT k.* FROM event_keys k
          JOIN unnest(CAST(:buckets AS smallint[]), CAST(:sources AS uuid[]),
                      CAST(:keys AS text[])) u (bucket, source, key)
            ON k.bucket = u.bucket AND k.source = u.source AND k.key = u.key
         WHERE k.bucket = ANY(:slice)
        """,
        slice_of(key.bucket for key in keys),
        _keys,
        buckets=[key.bucket for key in keys],
        sources=[key.source for key in keys],
        keys=[key.text for key in keys],
    )
