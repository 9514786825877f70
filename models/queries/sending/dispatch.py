"""The hot queue: which rows are due, and which their workers lost."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from models.ids import bucket_of
from models.queries.routing import Slice, routed, slice_of
from models.queries.sending.leases import ROWS, row_parameters
from models.query import Answer, Query
from models.records import Class, DueRow, Profile

DUE = (
    "q.bucket, q.delivery_id, q.day, q.event_id, q.recipient_id, q.topic, q.class, q.channel,"
    " q.step, q.lane, q.held_for, q.due_at, q.expires_at, q.attempt, q.tries, q.crashes,"
    " q.entered_at, CAST(q.data AS text) AS data, q.actor, q.thread, q.locale,"
    " q.tenant, q.campaign, q.test, q.created_at,"
    " coalesce(CAST(q.trace AS text), '{}') AS trace, q.doubts, q.follower, q.content, q.throttled,"
    " q.tags, coalesce(q.wanted_at, q.created_at) AS wanted_at, q.digest,"
    " q.cohort, q.template, q.template_version, CAST(q.extras AS text) AS extras"
)
"""The columns of a `DueRow`, in its order; `q` is the queue."""

WIDTH = len(fields(DueRow))
_CLASS, _TAGS = ([each.name for each in fields(DueRow)].index(name) for name in ("klass", "tags"))


def due_row(row: Sequence[Any]) -> DueRow:
    """The columns of `DUE`, which come first and in the order of the record."""
    values = list(row[:WIDTH])
    values[_CLASS], values[_TAGS] = Class(values[_CLASS]), tuple(values[_TAGS] or ())
    return DueRow(*values)


def _due_rows(result: Answer) -> list[DueRow]:
    return [due_row(row) for row in result]


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
    SELECT {DUE}, r.recipient_id AS known, r.name, r.locale AS home_locale, r.timezone, r.org,
           r.attributes
    {_BY_LANE.format(kind="channel = 'in_app'", lock="")}
      LEFT JOIN recipients r ON r.bucket = q.bucket AND r.recipient_id = q.recipient_id
                            AND r.bucket = ANY(:slice)
     LIMIT :limit
"""
_CLAIM = f"""
    SELECT {DUE} {_BY_LANE.format(kind="channel <> 'in_app'", lock="FOR UPDATE SKIP LOCKED")}
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
        lambda result: [(due_row(row), _profile(row)) for row in result],
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
        SELECT {DUE} FROM {ROWS}) u (bucket, id)
          JOIN queue q ON q.bucket = u.bucket AND q.delivery_id = u.id
         WHERE q.bucket = ANY(:slice) AND q.token IS NULL AND q.due_at <= :now
         ORDER BY q.bucket, q.delivery_id FOR UPDATE OF q SKIP LOCKED
        """,
        slice_of(row.bucket for row in rows),
        _due_rows,
        now=now,
        **row_parameters(rows),
    )


def due_of(recipients: Collection[str], now: datetime) -> Query[list[DueRow]]:
    """The due rows of these recipients, without a lock; of many the most important."""
    return routed(
        f"""
        SELECT {DUE} FROM queue q
         WHERE q.bucket = ANY(:slice) AND q.recipient_id = ANY(:recipients)
           AND q.token IS NULL AND q.due_at <= :now
         ORDER BY q.lane / 16 DESC, q.due_at, q.created_at LIMIT 2000
        """,
        slice_of(bucket_of(recipient) for recipient in recipients),
        _due_rows,
        recipients=sorted(recipients),
        now=now,
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
        SELECT {DUE}, q.begun_at, q.token FROM queue q
         WHERE q.bucket = ANY(:slice) AND q.token IS NOT NULL AND q.lease_until < :now
         ORDER BY q.bucket, q.delivery_id LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        slice_,
        lambda result: [Lost(due_row(row), row.begun_at, row.token) for row in result],
        limit=limit,
        now=now,
    )
