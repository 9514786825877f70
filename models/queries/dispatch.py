"""The hot queue: which rows are due, who holds them, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult

from models.database import Query, count
from models.queries.routing import Slice, routed, slice_of
from models.records import Class, DueRow, Profile

_DUE = (
    "q.bucket, q.delivery_id, q.day, q.event_id, q.recipient_id, q.topic, q.class, q.channel,"
    " q.step, q.lane, q.held_for, q.due_at, q.expires_at, q.attempt, q.tries, q.crashes,"
    " q.entered_at, CAST(q.data AS text) AS data, q.actor, q.thread, q.locale,"
    " q.tenant, q.test, q.created_at, q.trace"
)


def _due_row(row: Any) -> DueRow:
    return DueRow(
        row.bucket, row.delivery_id, row.day, row.event_id, row.recipient_id, row.topic,
        Class(row[6]), row.channel, row.step, row.lane, row.held_for, row.due_at,
        row.expires_at, row.attempt, row.tries, row.crashes, row.entered_at, row.data,
        row.actor, row.thread, row.locale, row.tenant, row.test, row.created_at,
        row.trace or {},
    )  # fmt: skip


def _due_rows(result: CursorResult[Any]) -> list[DueRow]:
    return [_due_row(row) for row in result]


@dataclass(frozen=True, slots=True)
class Ask:
    """Which due rows are wanted.

    Attributes:
        lanes: In the order they are asked; the first ones are served first.
        share: At most so many of one lane.
        limit: At most so many in all.
    """

    lanes: tuple[int, ...]
    share: int
    limit: int


_BY_LANE = """
      FROM unnest(CAST(:lanes AS smallint[])) WITH ORDINALITY l (lane, place)
     CROSS JOIN LATERAL (
           SELECT * FROM queue
            WHERE token IS NULL AND {kind} AND lane = l.lane AND due_at <= :now
              AND bucket = ANY(:slice)
            ORDER BY due_at LIMIT :share {lock}) q
"""
# The index of the claim begins with the lane: a million rows due in one lane cost nothing to
# the rows of another, and the buckets are only checked.
_PEEK = f"""
    SELECT {_DUE}, r.recipient_id AS known, r.name, r.locale AS home_locale, r.timezone, r.org,
           r.attributes
    {_BY_LANE.format(kind="channel = 'in_app'", lock="")}
      LEFT JOIN recipients r ON r.bucket = q.bucket AND r.recipient_id = q.recipient_id
     LIMIT :limit
"""
_CLAIM = f"""
    SELECT {_DUE} {_BY_LANE.format(kind="channel <> 'in_app'", lock="FOR UPDATE SKIP LOCKED")}
     LIMIT :limit
"""


def _profile(row: Any) -> Profile | None:
    if row.known is None:
        return None
    return Profile(
        row.recipient_id, row.name, row.home_locale, row.timezone, row.org, row.attributes
    )


def peek_feed(ask: Ask, slice_: Slice, now: datetime) -> Query[list[tuple[DueRow, Profile | None]]]:
    """Due in-app rows and whom they are for, without a lock: they are filled first."""
    return routed(
        _PEEK,
        slice_,
        lambda result: [(_due_row(row), _profile(row)) for row in result],
        now=now,
        lanes=list(ask.lanes),
        share=ask.share,
        limit=ask.limit,
    )


def claim_out(ask: Ask, slice_: Slice, now: datetime) -> Query[list[DueRow]]:
    """Lock due rows of every channel but in-app that nobody else has locked."""
    return routed(
        _CLAIM,
        slice_,
        _due_rows,
        now=now,
        lanes=list(ask.lanes),
        share=ask.share,
        limit=ask.limit,
    )


def lock_due(rows: Sequence[DueRow], now: datetime) -> Query[list[DueRow]]:
    """Of rows seen before, lock those that are still due and that nobody else has locked."""
    return routed(
        f"""
        SELECT {_DUE} FROM queue q
         WHERE q.bucket = ANY(:slice) AND q.delivery_id = ANY(:ids)
           AND q.token IS NULL AND q.due_at <= :now
         ORDER BY q.bucket, q.delivery_id FOR UPDATE SKIP LOCKED
        """,
        slice_of(row.bucket for row in rows),
        _due_rows,
        ids=[row.delivery_id for row in rows],
        now=now,
    )


ROWS = "unnest(CAST(:buckets AS smallint[]), CAST(:ids AS uuid[])"
"""Rows of the queue by their keys; more arrays may follow before the closing bracket."""


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
               tries = u.tries, crashes = u.crashes,
               entered_at = CASE WHEN q.state = 'scheduled' THEN q.entered_at
                                 ELSE CAST(:now AS timestamptz) END
          FROM {ROWS}, CAST(:dues AS timestamptz[]), CAST(:holds AS text[]),
                      CAST(:traces AS jsonb[]), CAST(:tries AS smallint[]),
                      CAST(:crashes AS smallint[]))
               u (bucket, id, due_at, held_for, trace, tries, crashes)
         WHERE q.bucket = ANY(:slice) AND q.bucket = u.bucket AND q.delivery_id = u.id
           AND q.token IS NOT DISTINCT FROM CAST(:token AS uuid)
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
        **row_parameters(waits),
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


@dataclass(frozen=True, slots=True)
class Lost:
    """A row whose worker is gone, and whether its bytes may have left."""

    row: DueRow
    begun_at: datetime | None
    token: UUID


def lock_lost(limit: int, slice_: Slice, now: datetime) -> Query[list[Lost]]:
    """Lock rows whose lease ran out."""
    return routed(
        f"""
        SELECT {_DUE}, q.begun_at, q.token FROM queue q
         WHERE q.bucket = ANY(:slice) AND q.token IS NOT NULL AND q.lease_until < :now
         ORDER BY q.bucket, q.delivery_id LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        slice_,
        lambda result: [Lost(_due_row(row), row.begun_at, row.token) for row in result],
        limit=limit,
        now=now,
    )
