"""What digests hold: deliveries that still queue, until their digest closes.

Whoever writes about a recipient's digests holds the lock of that recipient's ledger row.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.ids import bucket_of, place_of
from models.queries.planning.events import read_events
from models.queries.routing import routed, slice_of
from models.queries.sending.leases import ROWS, row_parameters
from models.query import Answer, Query, Story, count
from models.records import Class, DueRow, Member, StoredEvent, Tombstone

_KEPT = (
    "day, event_id, lane, expires_at, attempt, data, actor, thread, tags, locale, tenant,"
    " campaign, created_at, content, follower"
)


def collect(collected: Sequence[tuple[DueRow, UUID, str]], now: datetime) -> Query[int]:
    """Make locked queue rows members of their digests, each with its trace; they still queue."""
    rows = [row for row, _, _ in collected]
    kept = ", ".join(f"q.{name}" for name in _KEPT.split(", "))
    return routed(
        f"""
        INSERT INTO digest_members (bucket, delivery_id, digest_id, {_KEPT}, collected_at, trace)
        SELECT q.bucket, q.delivery_id, u.digest, {kept}, CAST(:now AS timestamptz), u.trace
          FROM {ROWS}, CAST(:digests AS uuid[]), CAST(:traces AS jsonb[]))
               u (bucket, id, digest, trace)
          JOIN queue q ON q.bucket = u.bucket AND q.delivery_id = u.id
         WHERE q.bucket = ANY(:slice)
        """,
        slice_of(row.bucket for row in rows),
        count,
        now=now,
        digests=[digest for _, digest, _ in collected],
        traces=[trace for _, _, trace in collected],
        **row_parameters(rows),
    )


_OF_DIGEST = ("recipient_id", "topic", "class", "channel", "step", "test")
_OF_MEMBER = (
    "bucket", "delivery_id", "day", "event_id", "lane", "expires_at", "attempt", "actor", "thread",
    "tags", "locale", "tenant", "campaign", "created_at", "content", "follower",
)  # fmt: skip
_MEMBER = ", ".join(
    [
        "m.digest_id, m.collected_at, CAST(m.data AS text)",
        "coalesce(CAST(m.trace AS text), '{}')",
        *(f"d.{name}" for name in _OF_DIGEST),
        *(f"m.{name}" for name in _OF_MEMBER),
    ]
)
"""What makes a `Member`: its digest and itself."""


def _members(result: Answer) -> list[Member]:
    return [_member(*row) for row in result]


def _member(digest: UUID, at: datetime, data: str | None, trace: str, *values: Any) -> Member:
    known = dict(zip((*_OF_DIGEST, *_OF_MEMBER), values, strict=True))
    kinds = {"klass": Class(known.pop("class")), "tags": tuple(known["tags"] or ())}
    row = DueRow(
        **{**known, **kinds},
        held_for=None, due_at=at, entered_at=at, tries=0, crashes=0, data=data, trace=trace,
    )  # fmt: skip
    return Member(digest, row)


def members(digests: Collection[UUID]) -> Query[list[Member]]:
    """What these digests hold, in the order it happened."""
    return routed(
        f"""
        SELECT {_MEMBER} FROM digest_members m
          JOIN digests d ON d.bucket = m.bucket AND d.digest_id = m.digest_id
         WHERE m.bucket = ANY(:slice) AND m.digest_id = ANY(:ids)
         ORDER BY m.created_at, m.delivery_id
        """,
        slice_of(place_of(digest).bucket for digest in digests),
        _members,
        ids=sorted(digests),
    )


def news(digest: UUID) -> Story[tuple[list[DueRow], dict[UUID, str]] | None]:
    """What a digest told of, and by event what is too big for its rows; `None`: some is gone."""
    rows = [member.row for member in (yield members([digest]))]
    bigger = {row.event_id for row in rows if row.data is None}
    found = (yield read_events(bigger)) if bigger else {}
    if not rows or bigger - found.keys():
        return None
    return rows, {event: one.data or "{}" for event, one in found.items()}


def taken_back(tombstones: Sequence[Tombstone]) -> Query[list[DueRow]]:
    """What open digests hold of threads that were taken back."""
    return routed(
        f"""
        SELECT {_MEMBER}
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:recipients AS text[]),
                      CAST(:topics AS text[]), CAST(:threads AS text[]),
                      CAST(:untils AS timestamptz[]))
               t (bucket, recipient, topic, thread, until)
          JOIN digests d ON d.bucket = t.bucket AND d.recipient_id = t.recipient
                        AND d.topic = t.topic AND d.closed_at IS NULL
          JOIN digest_members m ON m.bucket = d.bucket AND m.digest_id = d.digest_id
                               AND m.thread = t.thread AND m.created_at <= t.until
         WHERE d.bucket = ANY(:slice) AND m.bucket = ANY(:slice)
        """,
        slice_of(bucket_of(one.recipient_id) for one in tombstones),
        lambda result: [member.row for member in _members(result)],
        buckets=[bucket_of(one.recipient_id) for one in tombstones],
        recipients=[one.recipient_id for one in tombstones],
        topics=[one.topic for one in tombstones],
        threads=[one.thread for one in tombstones],
        untils=[one.until for one in tombstones],
    )


def release(rows: Sequence[DueRow]) -> Query[int]:
    """Take deliveries out of their digests."""
    return routed(
        f"""
        DELETE FROM digest_members m USING {ROWS}) u (bucket, id)
         WHERE m.bucket = ANY(:slice) AND m.bucket = u.bucket AND m.delivery_id = u.id
        """,
        slice_of(row.bucket for row in rows),
        count,
        **row_parameters(rows),
    )


def as_events(digests: Collection[UUID]) -> Query[dict[UUID, StoredEvent]]:
    """What stands for the event of a digest's message, by digest: who and what they tell of."""
    return routed(
        """
        SELECT d.digest_id, d.topic, d.tenant, d.test, d.closed_at, max(m.lane) / 16 AS priority,
               CASE WHEN count(DISTINCT coalesce(m.actor, '')) = 1 THEN max(m.actor) END AS actor,
               CASE WHEN count(DISTINCT coalesce(m.thread, '')) = 1 THEN max(m.thread) END
                   AS thread, max(m.locale) AS locale
          FROM digests d
          JOIN digest_members m ON m.bucket = d.bucket AND m.digest_id = d.digest_id
         WHERE d.bucket = ANY(:slice) AND m.bucket = ANY(:slice) AND d.digest_id = ANY(:ids)
           AND d.closed_at IS NOT NULL
         GROUP BY d.bucket, d.digest_id
        """,
        slice_of(place_of(digest).bucket for digest in digests),
        lambda result: {row.digest_id: _as_event(row) for row in result},
        ids=sorted(digests),
    )


def _as_event(row: Any) -> StoredEvent:
    return StoredEvent(
        event_id=row.digest_id, topic=row.topic, data="{}", actor=row.actor, thread=row.thread,
        tags=None, locale=row.locale, tenant=row.tenant, priority=row.priority, not_before=None,
        expires_at=None, test=row.test, created_at=row.closed_at,
    )  # fmt: skip
