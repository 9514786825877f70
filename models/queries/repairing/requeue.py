"""From history back into the queue: locked, checked, inserted, and the history reopened."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from models.ids import place_of
from models.queries.arrays import array
from models.queries.routing import routed, slice_of
from models.query import Answer, Query, count, sql
from models.records import Class, Requeued, Settled

_SETTLED = (
    "d.bucket, d.day, d.delivery_id, d.event_id, d.recipient_id, d.topic, d.class AS klass,"
    " d.channel, d.step, d.state, d.reason, d.attempts, d.provider, d.destination, d.campaign,"
    " d.test, d.created_at, d.due_at, d.settled_at,"
    " coalesce(CAST(d.trace AS text), '{}') AS trace"
)
_OF_IT = """
    FROM attempts a
   WHERE a.bucket = ANY(:slice) AND a.bucket = d.bucket AND a.day = d.day
     AND a.delivery_id = d.delivery_id"""
_FIELDS = [field.name for field in fields(Settled)]


def _settled(result: Answer) -> list[Settled]:
    return [_one(*row) for row in result]


def _one(*values: Any) -> Settled:
    known = dict(zip(_FIELDS, values, strict=True))
    return Settled(**{**known, "klass": Class(known["klass"])})


def lock_settled(ids: Sequence[UUID]) -> Query[list[Settled]]:
    """Lock these deliveries' history; those in the queue are left out: there is their truth."""
    places = [place_of(identifier) for identifier in ids]
    return routed(
        f"""
        SELECT {_SETTLED},
               EXISTS (SELECT {_OF_IT} AND a.outcome IN ('sent', 'delivered')) AS accepted,
               (SELECT count(*) {_OF_IT} AND a.outcome = 'in_doubt') AS doubts,
               d.digest, d.account, d.message_id, d.cohort,
               CASE WHEN d.campaign IS NOT NULL THEN d.template END AS template,
               CASE WHEN d.campaign IS NOT NULL THEN d.template_version END AS template_version
          FROM deliveries d
         WHERE d.bucket = ANY(:slice) AND d.day = ANY(:days) AND d.delivery_id = ANY(:ids)
           AND d.state NOT IN ('scheduled', 'sending')
         ORDER BY d.bucket, d.delivery_id FOR UPDATE
        """,
        slice_of(place.bucket for place in places),
        _settled,
        days=sorted({place.day for place in places}),
        ids=list(ids),
    )


_QUEUED = {
    "bucket": "smallint", "delivery_id": "uuid", "day": "date", "event_id": "uuid",
    "recipient_id": "text", "topic": "text", "klass": "text", "channel": "text", "step": "text",
    "lane": "smallint", "held_for": "text", "due_at": "timestamptz", "expires_at": "timestamptz",
    "attempt": "bigint", "tries": "smallint", "doubts": "smallint", "data": "jsonb",
    "actor": "text", "thread": "text", "locale": "text", "tenant": "text", "campaign": "text",
    "test": "boolean", "created_at": "timestamptz", "trace": "jsonb",
    "content": "bytea", "follower": "uuid", "digest": "boolean", "cohort": "text",
    "template": "text", "template_version": "bigint", "extras": "jsonb",
}  # fmt: skip


def insert(rows: Sequence[Requeued], now: datetime) -> Query[int]:
    """Queue rows of deliveries whose history is locked and names no queue row."""
    columns = ", ".join("class" if name == "klass" else name for name in _QUEUED)
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _QUEUED.items())
    # Arrays of arrays do not unnest by element: tags travel as the text of an array.
    return sql(
        f"""
        INSERT INTO queue ({columns}, tags, entered_at, wanted_at)
        SELECT {", ".join(f"u.{name}" for name in _QUEUED)}, CAST(u.tags AS text[]),
               CAST(:now AS timestamptz), u.due_at
          FROM unnest({arrays}, CAST(:tags AS text[])) u ({", ".join(_QUEUED)}, tags)
        ON CONFLICT (bucket, delivery_id) DO NOTHING
        """,
        count,
        now=now,
        tags=array(None if row.tags is None else array(row.tags) for row in rows),
        **{name: array(getattr(row, name) for row in rows) for name in _QUEUED},
    )


def reopen(rows: Sequence[Requeued]) -> list[Query[int]]:
    """Let the history say that they wait again; one statement a day, so a partition is named."""
    by_day: dict[date, list[Requeued]] = {}
    for row in rows:
        by_day.setdefault(row.day, []).append(row)
    return [
        routed(
            """
            UPDATE deliveries d
               SET state = 'scheduled', reason = NULL, detail = NULL, account = NULL,
                   provider = NULL, destination = NULL, response = NULL, sent_at = NULL,
                   settled_at = NULL
             WHERE d.bucket = ANY(:slice) AND d.day = :day AND d.delivery_id = ANY(:ids)
            """,
            slice_of(row.bucket for row in of_day),
            count,
            day=day,
            ids=[row.delivery_id for row in of_day],
        )
        for day, of_day in sorted(by_day.items())
    ]


SAID = "A person said so."
"""Why a delivery in doubt is called sent or cancelled."""


def end(settled: Sequence[Settled], day: date, state: str, now: datetime) -> Query[int]:
    """Let the history of one day say what a person said; a sent one left when doubt began."""
    return routed(
        """
        UPDATE deliveries d
           SET state = :state, reason = NULL, detail = :said, settled_at = :now,
               sent_at = CASE WHEN CAST(:state AS text) = 'sent' THEN d.settled_at END
         WHERE d.bucket = ANY(:slice) AND d.day = :day AND d.delivery_id = ANY(:ids)
        """,
        slice_of(one.bucket for one in settled),
        count,
        state=state,
        said=SAID,
        now=now,
        day=day,
        ids=[one.delivery_id for one in settled],
    )
