"""How deliveries end: out of the queue, into the history, with their attempts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from models.queries.routing import routed, slice_of
from models.queries.sending.leases import ROWS, STILL_OURS, row_parameters
from models.query import Copy, Query, count
from models.records import Settlement, Tried


def remove(rows: Sequence[Any], token: UUID | None) -> Query[set[UUID]]:
    """Take rows out of the queue: locked ones (no token), or leased ones that are still ours.

    Returns:
        The rows that were ours to settle.
    """
    return routed(
        f"""
        DELETE FROM queue q USING {ROWS}) u (bucket, id)
         WHERE q.bucket = ANY(:slice) AND q.bucket = u.bucket AND q.delivery_id = u.id
           AND {STILL_OURS}
        RETURNING q.delivery_id
        """,
        slice_of(row.bucket for row in rows),
        lambda result: set(result.scalars()),
        token=token,
        **row_parameters(rows),
    )


_SETTLED = {
    "state": "text", "reason": "text", "detail": "text", "attempts": "bigint",
    "trace": "jsonb", "account": "text", "provider": "text", "destination": "text",
    "address": "text", "message_id": "text", "template": "text", "template_version": "bigint",
    "context": "bytea", "content_hash": "bytea", "response": "text", "sent_at": "timestamptz",
}  # fmt: skip


def _new(name: str) -> str:
    """What was never filled keeps what its campaign chose for it."""
    if not name.startswith("template"):
        return f"u.{name}"
    return f"CASE WHEN d.campaign IS NULL THEN u.{name} ELSE coalesce(u.{name}, d.{name}) END"


def settle(settlements: Sequence[Settlement], now: datetime) -> list[Query[int]]:
    """Write the ends of deliveries; one statement a day, so that a partition is named."""
    by_day: dict[date, list[Settlement]] = {}
    for settlement in settlements:
        by_day.setdefault(settlement.day, []).append(settlement)
    return [_settle_day(day, rows, now) for day, rows in sorted(by_day.items())]


def _settle_day(day: date, rows: Sequence[Settlement], now: datetime) -> Query[int]:
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _SETTLED.items())
    return routed(
        f"""
        UPDATE deliveries d
           SET {", ".join(f"{name} = {_new(name)}" for name in _SETTLED)}, settled_at = :now
          FROM {ROWS}, {arrays}) u (bucket, id, {", ".join(_SETTLED)})
         WHERE d.bucket = ANY(:slice) AND d.day = :day
           AND d.bucket = u.bucket AND d.delivery_id = u.id
        """,
        slice_of(row.bucket for row in rows),
        count,
        day=day,
        now=now,
        **{name: [getattr(row, name) for row in rows] for name in _SETTLED},
        **row_parameters(rows),
    )


_TRIED = (
    "bucket", "day", "delivery_id", "attempt", "account", "provider", "outcome", "reason",
    "code", "enhanced", "response", "begun_at", "ended_at",
)  # fmt: skip


def write_attempts(tried: Sequence[Tried]) -> Copy:
    """Attempts whose rows were still ours."""
    rows = [tuple(getattr(attempt, name) for name in _TRIED) for attempt in tried]
    return Copy("attempts", _TRIED, rows)
