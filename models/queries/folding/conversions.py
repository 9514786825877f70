"""Conversions: taken in, claimed, attributed once, and shown.

`conversions_waiting` is hot and local like the outbox: products insert into it in SQL as well. The
key of `conversions` is what makes one count once, however often it is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.ids import bucket_of, day_of, place_of
from models.queries.arrays import array, arrays
from models.queries.console.wanted import SLACK
from models.queries.routing import routed, slice_of
from models.query import Answer, Query, count, records, sql
from models.readings.engagement import ConversionLine
from models.records import Attributed, Candidate, Move, sender_of

_AT_MOST = 200
"""Newest deliveries of a recipient that a conversion may be the doing of."""


@dataclass(frozen=True, slots=True)
class Told:
    """A row that waits; `said` are its columns as a body names them."""

    id: UUID
    source: UUID | None
    created_at: datetime
    said: Mapping[str, Any]


_SAID = ("recipient_id", "name", "value", "currency", "occurred_at", "key", "delivery_id")


def tell(row: UUID, said: Mapping[str, Any], source: UUID, now: datetime) -> Query[int]:
    """Let a conversion wait to be attributed."""
    return sql(
        """
        INSERT INTO conversions_waiting (id, source, recipient_id, name, value, currency,
                                         occurred_at, key, delivery_id, created_at)
        VALUES (:row, :source, :recipient_id, :name, :value, :currency, :occurred_at, :key,
                :delivery_id, :now)
        """,
        count,
        row=row,
        source=source,
        now=now,
        **{name: said[name] for name in _SAID},
    )


def claim(before: datetime, limit: int) -> Query[list[Told]]:
    """Lock the oldest that came before a moment and were not set aside."""
    return sql(
        f"""
        SELECT id, source, created_at, {", ".join(_SAID)} FROM conversions_waiting
         WHERE problem IS NULL AND created_at <= :before
         ORDER BY created_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        _told,
        before=before,
        limit=limit,
    )


def _told(result: Answer) -> list[Told]:
    return [Told(row[0], row[1], row[2], dict(zip(_SAID, row[3:], strict=True))) for row in result]


def forget(ids: Sequence[UUID]) -> Query[int]:
    """Delete what is attributed by this transaction."""
    return sql("DELETE FROM conversions_waiting WHERE id = ANY(:ids)", count, ids=list(ids))


def set_aside(problems: Mapping[UUID, str]) -> Query[int]:
    """Keep what is no conversion, and say why."""
    return sql(
        """
        UPDATE conversions_waiting c SET problem = u.problem
          FROM unnest(CAST(:ids AS uuid[]), CAST(:problems AS text[])) u (id, problem)
         WHERE c.id = u.id
        """,
        count,
        ids=list(problems),
        problems=list(problems.values()),
    )


def candidates(recipients: Sequence[str], since: datetime) -> Query[list[Candidate]]:
    """What was handed over to these people since, and when they opened it or followed links."""
    return routed(
        """
        SELECT d.delivery_id, d.recipient_id, d.topic, d.channel, d.class, d.state, d.provider,
               d.destination, d.account, d.message_id, d.campaign, d.cohort, d.test, d.sent_at,
               e.opened, e.clicked
          FROM unnest(CAST(:recipients AS text[])) r (recipient_id)
         CROSS JOIN LATERAL (
               SELECT * FROM deliveries i
                WHERE i.bucket = ANY(:slice) AND i.recipient_id = r.recipient_id
                  AND i.created_at >= :since AND i.day >= :first_day
                  AND i.state IN ('sent', 'delivered') AND i.sent_at IS NOT NULL
                ORDER BY i.created_at DESC LIMIT :limit) d
          LEFT JOIN LATERAL (
               SELECT array_agg(f.occurred_at) FILTER (WHERE f.kind = 'opened') AS opened,
                      array_agg(f.occurred_at) FILTER (WHERE f.kind = 'clicked') AS clicked
                 FROM feedback f
                WHERE f.bucket = ANY(:slice) AND f.bucket = d.bucket AND f.day = d.day
                  AND f.delivery_id = d.delivery_id AND f.kind IN ('opened', 'clicked')
                  AND f.detail ->> 'by' IN ('person', 'proxy')) e ON true
        """,
        slice_of(bucket_of(each) for each in recipients),
        lambda result: [_candidate(*row) for row in result],
        recipients=list(recipients),
        since=since,
        first_day=day_of(since - SLACK),
        limit=_AT_MOST,
    )


def _candidate(delivery: UUID, recipient: str, *columns: Any) -> Candidate:
    (topic, channel, klass, state, provider, destination, account, message_id, campaign,
     cohort, test, sent_at, opened, clicked) = columns  # fmt: skip
    move = Move(
        topic, channel, klass, state, "", provider or "", destination or "", account or "",
        sender_of(message_id), campaign or "", cohort,
    )  # fmt: skip
    return Candidate(delivery, recipient, move, test, sent_at, opened or (), clicked or ())


_KEPT = {
    "bucket": "smallint", "conversion_id": "uuid", "recipient_id": "text", "name": "text",
    "value": "numeric", "currency": "text", "occurred_at": "timestamptz", "delivery_id": "uuid",
    "basis": "text",
}  # fmt: skip


def keep(found: Sequence[Attributed], now: datetime) -> Query[set[UUID]]:
    """Keep conversions, also those nothing is known to have led to.

    Returns:
        The ids of those that are new.
    """
    rows = [_row(each) for each in sorted(found, key=lambda one: one.conversion.conversion_id)]
    return sql(
        f"""
        INSERT INTO conversions ({", ".join(_KEPT)}, received_at)
        SELECT u.*, CAST(:now AS timestamptz) FROM unnest({arrays(_KEPT)}) u ({", ".join(_KEPT)})
        ON CONFLICT (bucket, conversion_id) DO NOTHING
        RETURNING conversion_id
        """,
        lambda result: set(result.scalars()),
        now=now,
        **{name: array(row[at] for row in rows) for at, name in enumerate(_KEPT)},
    )


def _row(found: Attributed) -> tuple[Any, ...]:
    one = found.conversion
    delivery = found.candidate.delivery_id if found.candidate else None
    return (
        bucket_of(one.recipient_id), one.conversion_id, one.recipient_id, one.name, one.value,
        one.currency, one.occurred_at, delivery, found.basis,
    )  # fmt: skip


def conversions_of(delivery: UUID) -> Query[list[ConversionLine]]:
    """What counts for a delivery, in the order it happened."""
    return routed(
        """
        SELECT name, value, currency, occurred_at, basis FROM conversions
         WHERE bucket = ANY(:slice) AND delivery_id = :id ORDER BY occurred_at, conversion_id
        """,
        slice_of([place_of(delivery).bucket]),
        records(ConversionLine),
        id=delivery,
    )
