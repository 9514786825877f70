"""Rows that lost a dedup key: what is kept of them, and what they leave on the original."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.ids import key_bucket, place_of, row_key
from models.queries.routing import routed, slice_of
from models.query import Query, count, sql
from models.records import Duplicate


def list_duplicates(duplicates: Sequence[Duplicate], now: datetime) -> Query[list[UUID]]:
    """Keep the rows that lost a dedup key.

    Returns:
        The original event of each row that was not listed before.
    """
    return sql(
        """
        INSERT INTO event_duplicates
            (bucket, source, outbox_id, event_id, day, dedup_key, differs, data, created_at,
             seen_at)
        SELECT u.*, CAST(:now AS timestamptz)
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:sources AS uuid[]),
                      CAST(:outbox_ids AS uuid[]), CAST(:event_ids AS uuid[]),
                      CAST(:days AS date[]), CAST(:keys AS text[]),
                      CAST(:differs AS boolean[]), CAST(:data AS jsonb[]),
                      CAST(:created AS timestamptz[])) u
        ON CONFLICT (bucket, source, outbox_id) DO NOTHING
        RETURNING event_id
        """,
        lambda result: list(result.scalars()),
        now=now,
        buckets=[place_of(d.original.event_id).bucket for d in duplicates],
        sources=[d.source for d in duplicates],
        outbox_ids=[d.row.id for d in duplicates],
        event_ids=[d.original.event_id for d in duplicates],
        days=[d.original.day for d in duplicates],
        keys=[d.row.dedup_key for d in duplicates],
        differs=[d.differs for d in duplicates],
        data=[d.row.data for d in duplicates],
        created=[d.row.created_at for d in duplicates],
    )


def count_duplicates(originals: dict[UUID, int]) -> list[Query[int]]:
    """Add to the originals' counters; one statement a day, so that a partition is named."""
    by_day: dict[Any, list[UUID]] = {}
    for event in sorted(originals):
        by_day.setdefault(place_of(event).day, []).append(event)
    return [
        routed(
            """
            UPDATE events e SET duplicates = e.duplicates + u.more
              FROM unnest(CAST(:ids AS uuid[]), CAST(:more AS bigint[])) u (id, more)
             WHERE e.bucket = ANY(:slice) AND e.day = :day AND e.event_id = u.id
            """,
            slice_of(place_of(event).bucket for event in events),
            count,
            day=day,
            ids=events,
            more=[originals[event] for event in events],
        )
        for day, events in by_day.items()
    ]


def point_to_originals(duplicates: Sequence[Duplicate]) -> Query[int]:
    """Let a duplicate's own key name the original event, so that asking for it finds that."""
    buckets = [key_bucket(d.source, row_key(d.row.id)) for d in duplicates]
    return routed(
        """
        UPDATE event_keys k SET event_id = u.event_id, day = u.day
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:sources AS uuid[]),
                      CAST(:keys AS text[]), CAST(:event_ids AS uuid[]), CAST(:days AS date[]))
               u (bucket, source, key, event_id, day)
         WHERE k.bucket = ANY(:slice)
           AND k.bucket = u.bucket AND k.source = u.source AND k.key = u.key
        """,
        slice_of(buckets),
        count,
        buckets=buckets,
        sources=[d.source for d in duplicates],
        keys=[row_key(d.row.id) for d in duplicates],
        event_ids=[d.original.event_id for d in duplicates],
        days=[d.original.day for d in duplicates],
    )
