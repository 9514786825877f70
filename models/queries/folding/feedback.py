"""What came back: taken in at the door, claimed, kept once, and forgotten where it waited.

`feedback_waiting` is hot: rows leave it by DELETE, in the transaction that folds them. The
history's key is what makes an event count once, however often it comes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from models.ids import BUCKETS, place_of
from models.queries.arrays import array, arrays
from models.queries.routing import EVERYWHERE, Slice, routed, slice_of
from models.query import Answer, Query, count, sql
from models.records import Bounce, Feedback, Kind


@dataclass(frozen=True, slots=True)
class Waiting:
    """Feedback that is not folded yet."""

    bucket: int
    received_at: datetime
    feedback: Feedback

    @property
    def key(self) -> tuple[str, str]:
        """The vendor and its id of the event."""
        return self.feedback.vendor, self.feedback.event_id


def _bucket(feedback: Feedback) -> int:
    if feedback.delivery_id is not None:
        return place_of(feedback.delivery_id).bucket
    return crc32(feedback.event_id.encode()) & (BUCKETS - 1)


_TAKEN = {
    "bucket": "smallint", "vendor": "text", "vendor_event_id": "text", "delivery_id": "uuid",
    "kind": "text", "occurred_at": "timestamptz", "detail": "jsonb",
}  # fmt: skip


def _row(feedback: Feedback) -> tuple[Any, ...]:
    return (
        _bucket(feedback), feedback.vendor, feedback.event_id, feedback.delivery_id,
        feedback.kind, feedback.occurred_at, json.dumps(feedback.detail),
    )  # fmt: skip


def _columns(rows: Sequence[tuple[Any, ...]], names: Mapping[str, str]) -> dict[str, str]:
    return {name: array(row[place] for row in rows) for place, name in enumerate(names)}


def take(events: Sequence[Feedback], now: datetime) -> Query[int]:
    """Let events wait to be folded; one that waits already is taken once.

    Returns:
        How many are new here.
    """
    return sql(
        f"""
        INSERT INTO feedback_waiting ({", ".join(_TAKEN)}, received_at, due_at)
        SELECT u.*, CAST(:now AS timestamptz), CAST(:now AS timestamptz)
          FROM unnest({arrays(_TAKEN)}) u ({", ".join(_TAKEN)})
         ORDER BY u.bucket, u.vendor, u.vendor_event_id
        ON CONFLICT (bucket, vendor, vendor_event_id) DO NOTHING
        """,
        count,
        now=now,
        **_columns([_row(event) for event in events], _TAKEN),
    )


def claim(slice_: Slice, limit: int, now: datetime) -> Query[list[Waiting]]:
    """Lock what waits and is due, the oldest first; what others hold is passed over."""
    return routed(
        """
        SELECT w.bucket, w.received_at, w.vendor, w.vendor_event_id, w.kind, w.occurred_at,
               w.delivery_id, w.detail
          FROM feedback_waiting w
         WHERE w.bucket = ANY(:slice) AND w.due_at <= :now
         ORDER BY w.due_at LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        slice_,
        _waiting,
        limit=limit,
        now=now,
    )


def _waiting(result: Answer) -> list[Waiting]:
    return [_one(*row) for row in result]


def _one(bucket: int, received_at: datetime, *told: Any) -> Waiting:
    vendor, event_id, kind, occurred_at, delivery, detail = told
    bounce = detail.get("bounce")
    feedback = Feedback(
        vendor, event_id, Kind(kind), occurred_at, delivery, detail.get("recipient"),
        None if bounce is None else Bounce(bounce), detail.get("text"), detail.get("raw"),
    )  # fmt: skip
    return Waiting(bucket, received_at, feedback)


def how_many_wait() -> Query[int]:
    """How many events are not folded yet."""
    return routed(
        "SELECT count(*) FROM feedback_waiting w WHERE w.bucket = ANY(:slice)",
        EVERYWHERE,
        lambda result: int(result.scalar_one()),
    )


def _keys(waiting: Sequence[Waiting]) -> dict[str, list[Any]]:
    return {
        "buckets": [one.bucket for one in waiting],
        "vendors": [one.feedback.vendor for one in waiting],
        "ids": [one.feedback.event_id for one in waiting],
    }


_KEYS = """unnest(CAST(:buckets AS smallint[]), CAST(:vendors AS text[]), CAST(:ids AS text[]))
               u (bucket, vendor, id)"""


def forget(waiting: Sequence[Waiting]) -> Query[int]:
    """Delete what was folded from where it waited."""
    return routed(
        f"""
        DELETE FROM feedback_waiting w USING {_KEYS}
         WHERE w.bucket = ANY(:slice) AND w.bucket = u.bucket AND w.vendor = u.vendor
           AND w.vendor_event_id = u.id
        """,
        slice_of(one.bucket for one in waiting),
        count,
        **_keys(waiting),
    )


def put_off(waiting: Sequence[Waiting], until: datetime) -> Query[int]:
    """Look at these again later."""
    return routed(
        f"""
        UPDATE feedback_waiting w SET due_at = :until FROM {_KEYS}
         WHERE w.bucket = ANY(:slice) AND w.bucket = u.bucket AND w.vendor = u.vendor
           AND w.vendor_event_id = u.id
        """,
        slice_of(one.bucket for one in waiting),
        count,
        until=until,
        **_keys(waiting),
    )


_KEPT = {
    "bucket": "smallint", "day": "date", "delivery_id": "uuid", "vendor": "text",
    "vendor_event_id": "text", "kind": "text", "occurred_at": "timestamptz",
    "received_at": "timestamptz", "detail": "jsonb",
}  # fmt: skip


def keep(waiting: Sequence[Waiting]) -> Query[set[tuple[str, str]]]:
    """Keep events with their deliveries, which are there and locked.

    Returns:
        The keys of those that are new.
    """
    rows = [_history(one) for one in waiting]
    return sql(
        f"""
        INSERT INTO feedback ({", ".join(_KEPT)})
        SELECT u.* FROM unnest({arrays(_KEPT)}) u ({", ".join(_KEPT)})
        ON CONFLICT (bucket, day, delivery_id, vendor, vendor_event_id) DO NOTHING
        RETURNING vendor, vendor_event_id
        """,
        lambda result: {(row[0], row[1]) for row in result},
        **_columns(rows, _KEPT),
    )


def _history(one: Waiting) -> tuple[Any, ...]:
    bucket, vendor, event_id, delivery, kind, occurred_at, detail = _row(one.feedback)
    day = place_of(delivery).day
    return (
        bucket, day, delivery, vendor, event_id, kind, occurred_at, one.received_at, detail,
    )  # fmt: skip


_STRAY = {
    "bucket": "smallint", "vendor": "text", "vendor_event_id": "text", "kind": "text",
    "received_at": "timestamptz", "detail": "jsonb",
}  # fmt: skip


def keep_unmatched(waiting: Sequence[Waiting]) -> Query[int]:
    """Keep events about nothing we know."""
    rows = [
        (
            one.bucket, *one.key, one.feedback.kind, one.received_at,
            json.dumps(one.feedback.detail),
        )
        for one in waiting
    ]  # fmt: skip
    return sql(
        f"""
        INSERT INTO feedback_unmatched ({", ".join(_STRAY)})
        SELECT u.* FROM unnest({arrays(_STRAY)}) u ({", ".join(_STRAY)})
        ON CONFLICT (bucket, vendor, vendor_event_id) DO NOTHING
        """,
        count,
        **_columns(rows, _STRAY),
    )
