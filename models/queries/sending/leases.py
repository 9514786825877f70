"""Who holds which rows of the queue, until when, and how they are put back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.ids import place_of
from models.queries.routing import routed, slice_of
from models.query import Query, count
from models.records import DueRow

ROWS = "unnest(CAST(:buckets AS smallint[]), CAST(:ids AS uuid[])"
"""Rows of the queue by their keys; more arrays may follow before the closing bracket."""


STILL_OURS = "(CAST(:token AS uuid) IS NULL OR q.token = CAST(:token AS uuid))"
"""Rows under our token; without one, rows that this very transaction has locked.

IS NOT DISTINCT FROM says the same, but Postgres expects it to leave one row, compares each row
of the queue with each of ours, and takes 200 ms for what takes 3.
"""


def row_parameters(rows: Sequence[Any]) -> dict[str, Any]:
    """The parameters of `ROWS`: where each row is."""
    return {
        "buckets": [row.bucket for row in rows],
        "ids": [row.delivery_id for row in rows],
    }


@dataclass(frozen=True, slots=True)
class Claimed:
    """A kept row on its way to the wire, with the trace of why it may go."""

    bucket: int
    delivery_id: UUID
    trace: str


def lease(claimed: Sequence[Claimed], token: UUID, until: datetime, now: datetime) -> Query[int]:
    """Make locked rows this batch's own; the attempt number fences off earlier claims."""
    return routed(
        f"""
        UPDATE queue q
           SET state = 'sending', token = :token, lease_until = :until, begun_at = NULL,
               attempt = q.attempt + 1, held_for = NULL, entered_at = :now, trace = u.trace
          FROM {ROWS}, CAST(:traces AS jsonb[])) u (bucket, id, trace)
         WHERE q.bucket = ANY(:slice) AND q.bucket = u.bucket AND q.delivery_id = u.id
        """,
        slice_of(row.bucket for row in claimed),
        count,
        token=token,
        until=until,
        now=now,
        traces=[row.trace for row in claimed],
        **row_parameters(claimed),
    )


@dataclass(frozen=True, slots=True)
class Wait:
    """A row that is put back, when it is due again, and why."""

    bucket: int
    delivery_id: UUID
    due_at: datetime
    held_for: str | None
    trace: str
    tries: int
    crashes: int
    doubts: int = 0
    """Attempts more of which nobody knows the end."""
    wanted_at: datetime | None = None
    """Since when it is late, when that changes: nobody is late while he holds on purpose."""


def hold(waits: Sequence[Wait], token: UUID | None, now: datetime) -> Query[list[UUID]]:
    """Put rows back: locked ones (no token), or leased ones that are still ours.

    Returns:
        The rows that were put back.
    """
    return routed(
        f"""
        UPDATE queue q
           SET state = 'scheduled', token = NULL, lease_until = NULL, begun_at = NULL,
               due_at = u.due_at, held_for = u.held_for, trace = u.trace,
               tries = u.tries, crashes = u.crashes, doubts = q.doubts + u.doubts,
               wanted_at = coalesce(u.wanted_at, q.wanted_at),
               entered_at = CASE WHEN q.state = 'scheduled' THEN q.entered_at
                                 ELSE CAST(:now AS timestamptz) END
          FROM {ROWS}, CAST(:dues AS timestamptz[]), CAST(:holds AS text[]),
                      CAST(:traces AS jsonb[]), CAST(:tries AS smallint[]),
                      CAST(:crashes AS smallint[]), CAST(:doubts AS smallint[]),
                      CAST(:wanted AS timestamptz[]))
               u (bucket, id, due_at, held_for, trace, tries, crashes, doubts, wanted_at)
         WHERE q.bucket = ANY(:slice) AND q.bucket = u.bucket AND q.delivery_id = u.id
           AND {STILL_OURS}
        RETURNING q.delivery_id
        """,
        slice_of(wait.bucket for wait in waits),
        lambda result: list(result.scalars()),
        token=token,
        now=now,
        dues=[wait.due_at for wait in waits],
        holds=[wait.held_for for wait in waits],
        traces=[wait.trace for wait in waits],
        tries=[wait.tries for wait in waits],
        crashes=[wait.crashes for wait in waits],
        doubts=[wait.doubts for wait in waits],
        wanted=[wait.wanted_at for wait in waits],
        **row_parameters(waits),
    )


def wake(deliveries: Sequence[UUID], now: datetime) -> Query[int]:
    """Have waiting steps look at the ones before them, which have just ended."""
    return routed(
        """
        UPDATE queue q SET due_at = :now
          FROM (SELECT bucket, delivery_id FROM queue
                 WHERE bucket = ANY(:slice) AND delivery_id = ANY(:ids)
                   AND held_for = 'previous_step' AND token IS NULL
                 ORDER BY bucket, delivery_id FOR UPDATE) w
         WHERE q.bucket = ANY(:slice) AND q.bucket = w.bucket AND q.delivery_id = w.delivery_id
        """,
        slice_of(place_of(delivery).bucket for delivery in deliveries),
        count,
        now=now,
        ids=list(deliveries),
    )


def begin(rows: Sequence[DueRow], token: UUID, now: datetime) -> Query[set[UUID]]:
    """Mark rows whose transmission starts now: the line between not sent and in doubt.

    Returns:
        The rows that are still ours; the others must not be sent.
    """
    return routed(
        f"""
        UPDATE queue q SET begun_at = :now FROM {ROWS}) u (bucket, id)
         WHERE q.bucket = ANY(:slice) AND q.bucket = u.bucket AND q.delivery_id = u.id
           AND q.token = :token AND q.lease_until > :now
        RETURNING q.delivery_id
        """,
        slice_of(row.bucket for row in rows),
        lambda result: set(result.scalars()),
        token=token,
        now=now,
        **row_parameters(rows),
    )


def renew(token: UUID, rows: Sequence[DueRow], until: datetime, now: datetime) -> Query[int]:
    """Extend the lease of a batch that still waits for answers, unless it ended.

    Returns:
        How many rows are still ours.
    """
    return routed(
        f"""
        UPDATE queue q SET lease_until = :until FROM {ROWS}) u (bucket, id)
         WHERE q.bucket = ANY(:slice) AND q.bucket = u.bucket AND q.delivery_id = u.id
           AND q.token = :token AND q.lease_until > :now
        """,
        slice_of(row.bucket for row in rows),
        count,
        token=token,
        until=until,
        now=now,
        **row_parameters(rows),
    )
