"""Housekeeping: heartbeats, expired keys, and which days may go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.queries.routing import Slice, routed
from models.query import Query, count, sql

AT_ONCE = 5000
"""Most keys one statement deletes."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a worker says of itself."""

    worker: UUID
    host: str
    pid: int
    version: str
    skew_ms: int
    process: int


def beat(heart: Heartbeat, now: datetime) -> Query[int]:
    """Say that a worker lives."""
    return sql(
        """
        INSERT INTO workers (worker, host, pid, version, started_at, seen_at, clock_skew_ms,
                             process)
        VALUES (:worker, :host, :pid, :version, :now, :now, :skew, :process)
        ON CONFLICT (worker) DO UPDATE
           SET seen_at = excluded.seen_at, clock_skew_ms = excluded.clock_skew_ms
        """,
        count,
        worker=heart.worker,
        host=heart.host,
        pid=heart.pid,
        version=heart.version,
        skew=heart.skew_ms,
        process=heart.process,
        now=now,
    )


def sign_off(worker: UUID) -> Query[int]:
    """Forget a worker that ended as it should."""
    return sql("DELETE FROM workers WHERE worker = :worker", count, worker=worker)


def forget_workers(before: datetime) -> Query[int]:
    """Forget workers not seen for long."""
    return sql("DELETE FROM workers WHERE seen_at < :before", count, before=before)


def purge_keys(slice_: Slice, now: datetime, spared: Sequence[UUID]) -> Query[int]:
    """Delete expired keys, except of sources that are far behind: their rows may come again."""
    return routed(
        """
        DELETE FROM event_keys WHERE bucket = ANY(:slice) AND (bucket, source, key) IN (
            SELECT bucket, source, key FROM event_keys
             WHERE bucket = ANY(:slice) AND expires_at < :now
               AND NOT source = ANY(CAST(:spared AS uuid[]))
             LIMIT :limit)
        """,
        slice_,
        count,
        now=now,
        spared=list(spared),
        limit=AT_ONCE,
    )


def purge_idempotency(now: datetime) -> Query[int]:
    """Delete Idempotency-Keys whose window is over."""
    return sql("DELETE FROM idempotency WHERE expires_at < :now", count, now=now)


def purge_aged(slice_: Slice, before: datetime) -> list[Query[int]]:
    """Delete what has no partitions but the age of the history."""
    return [
        routed(
            f"DELETE FROM {table} WHERE bucket = ANY(:slice) AND {column} < :before",
            slice_,
            count,
            before=before,
        )
        for table, column in (
            ("event_duplicates", "seen_at"),
            ("expansions", "done_at"),
            ("rollups", "minute"),
            ("rollup_hours", "hour"),
            ("latencies", "minute"),
            ("reaction_times", "slot"),
            ("feedback_unmatched", "received_at"),
            ("conversions", "received_at"),
        )
    ] + [
        routed(
            """
            DELETE FROM digest_members m USING digests d
             WHERE m.bucket = ANY(:slice) AND d.bucket = m.bucket AND d.digest_id = m.digest_id
               AND d.closed_at < :before
            """,
            slice_,
            count,
            before=before,
        ),
        routed(
            "DELETE FROM digests WHERE bucket = ANY(:slice) AND closed_at < :before",
            slice_,
            count,
            before=before,
        ),
    ]


def purge_tombstones(slice_: Slice, before: datetime) -> Query[int]:
    """Forget what was taken back so long ago that nothing older can still come."""
    return routed(
        """
        DELETE FROM tombstones WHERE bucket = ANY(:slice) AND made_at < :before
           AND applied_at IS NOT NULL
        """,
        slice_,
        count,
        before=before,
    )


def waiting_days(slice_: Slice) -> Query[set[date]]:
    """Days that a delivery belongs to which waits, in the queue or in an open digest."""
    return routed(
        """
        SELECT day FROM queue WHERE bucket = ANY(:slice)
         UNION
        SELECT m.day FROM digests d
          JOIN digest_members m ON m.bucket = d.bucket AND m.digest_id = d.digest_id
         WHERE d.bucket = ANY(:slice) AND m.bucket = ANY(:slice) AND d.closed_at IS NULL
        """,
        slice_,
        lambda result: set(result.scalars()),
    )


def has_in_doubt(slice_: Slice, day: date) -> Query[bool]:
    """Whether a day still holds a delivery nobody knows the end of."""
    return routed(
        """
        SELECT EXISTS (SELECT FROM deliveries
                        WHERE bucket = ANY(:slice) AND day = :day AND state = 'in_doubt')
        """,
        slice_,
        lambda result: bool(result.scalar_one()),
        day=day,
    )


def oldest_waiting() -> Query[datetime | None]:
    """When the oldest row of an outbox was written."""
    return sql("SELECT min(created_at) FROM outbox", lambda result: result.scalar_one())
