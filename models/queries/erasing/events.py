"""What an erasure changes of events: of those for one person alone, and of those for several."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from models.ids import dedup_key, key_bucket, place_of
from models.pseudonyms import Pseudonyms, is_pseudonym
from models.queries.keeping.partitions import HISTORY
from models.queries.routing import Slice, routed, slice_of
from models.query import Query, count, sql
from models.reasons import Skip
from models.records import Erasure
from models.veil import Veil


@dataclass(frozen=True, slots=True)
class Naming:
    """An event that names somebody, as recipient or as the one who caused it."""

    bucket: int
    event_id: UUID
    source: UUID
    outbox_id: UUID
    recipient_count: int
    recipients: tuple[str, ...]
    actor: str | None
    thread: str | None
    data: Any
    detail: str | None
    dedup_key: str | None

    def alone(self, recipient: str) -> bool:
        """Whether it is about nobody else."""
        return self.recipient_count == 1 and recipient in self.recipients


def days_after(last: str) -> Query[str]:
    """The first day of the events' partitions after this one, as `20261122`; empty: no more."""
    events = HISTORY[0]
    return sql(
        """
        SELECT coalesce(min(right(c.relname, 8)), '') FROM pg_inherits i
          JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
         WHERE p.relname = :events AND right(c.relname, 8) > :last
        """,
        lambda result: str(result.scalar_one()),
        events=events,
        last=last,
    )


_NAMING = tuple(each.name for each in fields(Naming))


def naming(erasure: Erasure, day: date, slice_: Slice, limit: int) -> Query[list[Naming]]:
    """Lock a day's first events that name them still."""
    return routed(
        f"""
        SELECT {", ".join(_NAMING)} FROM events
         WHERE bucket = ANY(:slice) AND day = :day
           AND (actor = :id OR recipients @> ARRAY[CAST(:id AS text)])
         ORDER BY bucket, event_id LIMIT :limit FOR UPDATE
        """,
        slice_,
        lambda result: [_naming(*row) for row in result],
        day=day,
        id=erasure.recipient_id,
        limit=limit,
    )


def _naming(*values: Any) -> Naming:
    known = dict(zip(_NAMING, values, strict=True))
    return Naming(**{**known, "recipients": tuple(known["recipients"] or ())})


def _said(event: Naming, veil: Veil) -> dict[str, str | None]:
    """What is left of an event's words: nothing where it was for them alone."""
    alone = event.alone(veil.recipient_id)
    thread = None if alone or event.thread is None else veil.text(event.thread)
    data = {} if alone else veil.value(event.data)
    kept = None if event.data is None else json.dumps(data)
    said = Skip.ERASED.sentence if alone else veil.text(event.detail or "")
    detail = None if event.detail is None else said
    return {"thread": thread, "data": kept, "detail": detail}


def hidden_key(event: Naming, names: Pseudonyms) -> str | None:
    """The pseudonym of an event's dedup key."""
    if event.dedup_key is None or is_pseudonym(event.dedup_key):
        return event.dedup_key
    return names.key(event.source.bytes, event.dedup_key)[0]


def rewrite(events: Sequence[Naming], erasure: Erasure, names: Pseudonyms, day: date) -> Query[int]:
    """Let locked events of a day say the same without them."""
    said = [_said(event, erasure.veil) for event in events]
    return routed(
        """
        UPDATE events e
           SET recipients = array_replace(e.recipients, CAST(:id AS text), :name),
               actor = CASE WHEN e.actor = :id THEN :name ELSE e.actor END,
               tags = CASE WHEN u.alone THEN NULL
                           ELSE array_replace(e.tags, CAST(:id AS text), :name) END,
               thread = u.thread, data = u.data, detail = u.detail, dedup_key = u.dedup_key
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS uuid[]),
                      CAST(:alone AS boolean[]), CAST(:threads AS text[]),
                      CAST(:data AS jsonb[]), CAST(:details AS text[]), CAST(:keys AS text[]))
               u (bucket, id, alone, thread, data, detail, dedup_key)
         WHERE e.bucket = ANY(:slice) AND e.day = :day
           AND e.bucket = u.bucket AND e.event_id = u.id
        """,
        slice_of(event.bucket for event in events),
        count,
        id=erasure.recipient_id,
        name=erasure.pseudonym,
        day=day,
        buckets=[event.bucket for event in events],
        ids=[event.event_id for event in events],
        alone=[event.alone(erasure.recipient_id) for event in events],
        threads=[one["thread"] for one in said],
        data=[one["data"] for one in said],
        details=[one["detail"] for one in said],
        keys=[hidden_key(event, names) for event in events],
    )


def hide_key(event: Naming, name: str) -> Query[int]:
    """Keep an event's dedup key as its pseudonym: the same key again is known by it."""
    key = dedup_key(event.dedup_key or "")
    return routed(
        """
        UPDATE event_keys SET key = :hidden, body_hash = CAST('' AS bytea)
         WHERE bucket = ANY(:slice) AND source = :source AND key = :key
        """,
        slice_of([key_bucket(event.source, key)]),
        count,
        source=event.source,
        key=key,
        hidden=dedup_key(name),
    )


def hide_duplicates(event: Naming, name: str) -> Query[int]:
    """Empty the outbox rows that repeated an event's dedup key."""
    return routed(
        """
        UPDATE event_duplicates SET dedup_key = :name, data = NULL
         WHERE bucket = ANY(:slice) AND event_id = :event
        """,
        slice_of([place_of(event.event_id).bucket]),
        count,
        event=event.event_id,
        name=name,
    )


def forget_posts(events: Sequence[Naming]) -> Query[int]:
    """Delete the idempotency keys under which these events were posted.

    Their outbox ids are computed from what was posted: the same again is a row that is known.
    """
    return sql(
        "DELETE FROM idempotency WHERE outbox_id = ANY(:ids)",
        count,
        ids=[event.outbox_id for event in events],
    )


def hidden_keys(
    keys: Sequence[tuple[UUID, str]], names: Pseudonyms
) -> Query[dict[tuple[UUID, str], str]]:
    """Of these sources' dedup keys those that are kept as pseudonyms, to those."""
    asked = {
        dedup_key(name): (source, key)
        for source, key in keys
        for name in names.key(source.bytes, key)
    }
    return routed(
        "SELECT key FROM event_keys WHERE bucket = ANY(:slice) AND key = ANY(:keys)",
        slice_of(key_bucket(source, key) for key, (source, _) in asked.items()),
        lambda result: {asked[key]: key.removeprefix("k:") for key in result.scalars()},
        keys=list(asked),
    )
