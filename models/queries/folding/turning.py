"""What feedback makes of deliveries that left the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.ids import place_of
from models.queries.arrays import array, arrays
from models.queries.routing import routed, slice_of
from models.query import Query, count


def addresses_of(ids: Sequence[UUID]) -> Query[dict[UUID, str]]:
    """Where deliveries were sent, as far as that was recorded."""
    places = [place_of(identifier) for identifier in ids]
    return routed(
        """
        SELECT d.delivery_id, d.address FROM deliveries d
         WHERE d.bucket = ANY(:slice) AND d.day = ANY(:days) AND d.delivery_id = ANY(:ids)
           AND d.address IS NOT NULL
        """,
        slice_of(place.bucket for place in places),
        lambda result: {row.delivery_id: row.address for row in result},
        days=sorted({place.day for place in places}),
        ids=list(ids),
    )


@dataclass(frozen=True, slots=True)
class Turned:
    """How feedback ends a delivery that left the queue."""

    bucket: int
    day: date
    delivery_id: UUID
    state: str
    reason: str | None
    detail: str | None
    sent_at: datetime | None


_TURNED = {
    "bucket": "smallint", "delivery_id": "uuid", "state": "text", "reason": "text",
    "detail": "text", "sent_at": "timestamptz",
}  # fmt: skip


def turn(turned: Sequence[Turned], now: datetime) -> list[Query[int]]:
    """Let locked history say what feedback said; one statement a day, so a partition is named.

    What was handed over stays settled when it was: the steps after it count from there.
    """
    by_day: dict[date, list[Turned]] = {}
    for one in turned:
        by_day.setdefault(one.day, []).append(one)
    return [_turn_day(day, rows, now) for day, rows in sorted(by_day.items())]


def _turn_day(day: date, turned: Sequence[Turned], now: datetime) -> Query[int]:
    return routed(
        f"""
        UPDATE deliveries d
           SET state = u.state, reason = u.reason, detail = u.detail,
               settled_at = CASE d.state WHEN 'in_doubt' THEN :now ELSE d.settled_at END,
               sent_at = coalesce(d.sent_at, u.sent_at)
          FROM unnest({arrays(_TURNED)}) u ({", ".join(_TURNED)})
         WHERE d.bucket = ANY(:slice) AND d.day = :day
           AND d.bucket = u.bucket AND d.delivery_id = u.delivery_id
        """,
        slice_of(one.bucket for one in turned),
        count,
        now=now,
        day=day,
        **{name: array(getattr(one, name) for one in turned) for name in _TURNED},
    )
