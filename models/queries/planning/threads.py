"""Threads that were taken back: what says so, what it takes, and when it may be forgotten."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from models.ids import bucket_of
from models.queries.routing import Slice, routed, slice_of
from models.queries.sending.dispatch import DUE, due_row
from models.queries.sending.facts import WHO, who
from models.query import Answer, Query, count, records
from models.records import DueRow, Tombstone


def raise_tombstones(tombstones: Collection[Tombstone], now: datetime) -> Query[int]:
    """Say that threads were taken back, the latest moment of each; applied anew each time."""
    latest: dict[tuple[str, str, str], Tombstone] = {}
    for one in sorted(tombstones, key=lambda each: each.until):
        latest[one.recipient_id, one.topic, one.thread] = one
    ordered = sorted(latest.values(), key=lambda one: (bucket_of(one.recipient_id), *one.key))
    buckets = [bucket_of(one.recipient_id) for one in ordered]
    return routed(
        """
        INSERT INTO tombstones AS t (bucket, recipient_id, topic, thread, until, made_at)
        SELECT u.bucket, u.recipient, u.topic, u.thread, u.until, :now
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:recipients AS text[]),
                      CAST(:topics AS text[]), CAST(:threads AS text[]),
                      CAST(:untils AS timestamptz[]))
               u (bucket, recipient, topic, thread, until)
         WHERE u.bucket = ANY(:slice)
        ON CONFLICT (bucket, recipient_id, topic, thread) DO UPDATE
           SET until = greatest(t.until, excluded.until), made_at = excluded.made_at,
               applied_at = NULL
        """,
        slice_of(buckets),
        count,
        now=now,
        buckets=buckets,
        recipients=[one.recipient_id for one in ordered],
        topics=[one.topic for one in ordered],
        threads=[one.thread for one in ordered],
        untils=[one.until for one in ordered],
    )


Cancelled = dict[str, dict[tuple[str, str], datetime]]
"""Recipient to (topic, thread) to the moment up to which it was taken back."""


def _cancelled(result: Answer) -> Cancelled:
    found: Cancelled = {}
    for row in result:
        found.setdefault(row.recipient_id, {})[row.topic, row.thread] = row.until
    return found


def cancelled(recipients: Iterable[str], threads: Collection[str]) -> Query[Cancelled]:
    """What was taken back of these threads for these recipients."""
    slice_, parameters = who(recipients)
    return routed(
        f"""
        SELECT t.recipient_id, t.topic, t.thread, t.until
          FROM {WHO} JOIN tombstones t ON t.bucket = u.bucket AND t.recipient_id = u.id
         WHERE t.bucket = ANY(:slice) AND t.thread = ANY(:threads)
        """,
        slice_,
        _cancelled,
        threads=sorted(threads),
        **parameters,
    )


_TOMBSTONE = "recipient_id, topic, thread, until"


def unapplied(slice_: Slice, limit: int) -> Query[list[Tombstone]]:
    """The oldest tombstones that nobody applied yet; without a lock."""
    return routed(
        f"""
        SELECT {_TOMBSTONE} FROM tombstones
         WHERE bucket = ANY(:slice) AND applied_at IS NULL ORDER BY made_at LIMIT :limit
        """,
        slice_,
        records(Tombstone),
        limit=limit,
    )


_THEIRS = """
    unnest(CAST(:buckets AS smallint[]), CAST(:recipients AS text[]), CAST(:topics AS text[]),
           CAST(:threads AS text[]), CAST(:untils AS timestamptz[]))
    t (bucket, recipient, topic, thread, until)
"""


def _parameters(tombstones: Sequence[Tombstone]) -> dict[str, list[object]]:
    return {
        "buckets": [bucket_of(one.recipient_id) for one in tombstones],
        "recipients": [one.recipient_id for one in tombstones],
        "topics": [one.topic for one in tombstones],
        "threads": [one.thread for one in tombstones],
        "untils": [one.until for one in tombstones],
    }


def lock_taken_back(tombstones: Sequence[Tombstone]) -> Query[list[DueRow]]:
    """Lock what waits of these threads; what somebody works on the gate will see to."""
    return routed(
        f"""
        SELECT {DUE} FROM {_THEIRS}
          JOIN queue q ON q.bucket = t.bucket AND q.recipient_id = t.recipient
                      AND q.topic = t.topic AND q.thread = t.thread
         WHERE q.bucket = ANY(:slice) AND q.token IS NULL AND q.created_at <= t.until
           AND NOT q.digest
         ORDER BY q.bucket, q.delivery_id FOR UPDATE OF q SKIP LOCKED
        """,
        slice_of(bucket_of(one.recipient_id) for one in tombstones),
        lambda result: [due_row(row) for row in result],
        **_parameters(tombstones),
    )


def mark_applied(tombstones: Sequence[Tombstone], now: datetime) -> Query[int]:
    """Say that tombstones were applied, unless they grew meanwhile."""
    return routed(
        f"""
        UPDATE tombstones s SET applied_at = :now FROM {_THEIRS}
         WHERE s.bucket = ANY(:slice) AND s.bucket = t.bucket AND s.recipient_id = t.recipient
           AND s.topic = t.topic AND s.thread = t.thread AND s.until = t.until
        """,
        slice_of(bucket_of(one.recipient_id) for one in tombstones),
        count,
        now=now,
        **_parameters(tombstones),
    )
