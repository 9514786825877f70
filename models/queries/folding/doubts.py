"""Attempts nobody knows the end of, and what is done when an answer comes late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.ids import place_of
from models.queries.arrays import array
from models.queries.routing import routed, slice_of
from models.queries.sending.dispatch import DUE, WIDTH, due_row
from models.query import Query, count, sql
from models.records import DueRow, Tried

_IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class Held:
    """A row of the queue, whoever holds it now."""

    row: DueRow
    token: UUID | None


def lock_queued(ids: Sequence[UUID]) -> Query[dict[UUID, Held]]:
    """Lock the queue rows that these deliveries have."""
    return routed(
        f"""
        SELECT {DUE}, q.token FROM queue q
         WHERE q.bucket = ANY(:slice) AND q.delivery_id = ANY(:ids)
         ORDER BY q.bucket, q.delivery_id FOR UPDATE
        """,
        slice_of(place_of(identifier).bucket for identifier in ids),
        lambda result: {row.delivery_id: Held(due_row(row), row[WIDTH]) for row in result},
        ids=list(ids),
    )


_TOLD = {
    "account": "text", "provider": "text", "outcome": "text", "reason": "text",
    "code": "smallint", "enhanced": "text", "response": "text", "begun_at": "timestamptz",
    "ended_at": "timestamptz",
}  # fmt: skip
_KEY = {"bucket": "smallint", "day": "date", "delivery_id": "uuid", "attempt": "bigint"}


def tell(tried: Sequence[Tried]) -> Query[set[UUID]]:
    """Keep how attempts ended that were in doubt, or that nobody wrote down: once each.

    Returns:
        The deliveries of attempts of which something new was told.
    """
    columns = {**_KEY, **_TOLD}
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())
    told = ", ".join(f"{name} = excluded.{name}" for name in _TOLD)
    return sql(
        f"""
        INSERT INTO attempts AS a ({", ".join(columns)})
        SELECT * FROM unnest({arrays})
        ON CONFLICT (bucket, day, delivery_id, attempt) DO UPDATE SET {told}
         WHERE a.outcome = :in_doubt
        RETURNING delivery_id
        """,
        lambda result: set(result.scalars()),
        in_doubt=_IN_DOUBT,
        **{name: array(getattr(attempt, name) for attempt in tried) for name in columns},
    )


def count_doubts(ids: Sequence[UUID]) -> Query[dict[UUID, int]]:
    """How many attempts of each delivery nobody knows the end of; none: not named."""
    places = [place_of(identifier) for identifier in ids]
    return routed(
        """
        SELECT delivery_id, count(*) AS doubts FROM attempts
         WHERE bucket = ANY(:slice) AND day = ANY(:days) AND delivery_id = ANY(:ids)
           AND outcome = :in_doubt
         GROUP BY bucket, delivery_id
        """,
        slice_of(place.bucket for place in places),
        lambda result: {row.delivery_id: row.doubts for row in result},
        days=sorted({place.day for place in places}),
        ids=list(ids),
        in_doubt=_IN_DOUBT,
    )


def set_doubts(doubts: Mapping[UUID, int]) -> Query[int]:
    """Say of queue rows how many of their attempts are in doubt."""
    buckets = [place_of(identifier).bucket for identifier in doubts]
    return routed(
        """
        UPDATE queue q SET doubts = u.doubts
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS uuid[]),
                      CAST(:doubts AS smallint[])) u (bucket, id, doubts)
         WHERE q.bucket = ANY(:slice) AND q.bucket = u.bucket AND q.delivery_id = u.id
        """,
        slice_of(buckets),
        count,
        buckets=buckets,
        ids=list(doubts),
        doubts=list(doubts.values()),
    )
