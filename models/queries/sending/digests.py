"""Digests: what they collect, and how they close.

Whoever writes about a recipient's digests holds the lock of that recipient's ledger row.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.ids import bucket_of, place_of
from models.queries.routing import Slice, routed, slice_of
from models.queries.sending.leases import ROWS, row_parameters
from models.query import Answer, Query, count
from models.records import (
    Class,
    DigestKind,
    DueRow,
    Group,
    Member,
    OpenDigest,
    StoredEvent,
    Tombstone,
)

_COLUMNS = {
    "digest_id": "uuid", "bucket": "smallint", "recipient_id": "text", "topic": "text",
    "klass": "text", "channel": "text", "step": "text", "grouped": "text", "kind": "text",
    "tenant": "text", "test": "boolean", "opened_by": "uuid", "opened_at": "timestamptz",
    "closes_at": "timestamptz", "latest_at": "timestamptz", "members": "bigint",
}  # fmt: skip
"""The columns of an `OpenDigest`, in its order."""


def _column(name: str) -> str:
    return "class" if name == "klass" else name


_OPEN = ", ".join(f"d.{_column(name)}" for name in _COLUMNS)


_FIELDS = tuple(_COLUMNS)


def _digests(result: Answer) -> list[OpenDigest]:
    return [_digest(*row) for row in result]


def _digest(*values: Any) -> OpenDigest:
    known = dict(zip(_FIELDS, values, strict=True))
    kinds = {"klass": Class(known["klass"]), "kind": DigestKind(known["kind"])}
    return OpenDigest(**{**known, **kinds})


def _by_recipient(result: Answer) -> dict[str, dict[Group, OpenDigest]]:
    found: dict[str, dict[Group, OpenDigest]] = {}
    for digest in _digests(result):
        found.setdefault(digest.recipient_id, {})[digest.group] = digest
    return found


def collecting(recipients: Iterable[str]) -> Query[dict[str, dict[Group, OpenDigest]]]:
    """Recipient to the digests that are open for them."""
    ids = sorted(set(recipients))
    buckets = [bucket_of(recipient) for recipient in ids]
    return routed(
        f"""
        SELECT {_OPEN}
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[])) u (bucket, id)
          JOIN digests d ON d.bucket = u.bucket AND d.recipient_id = u.id
         WHERE d.bucket = ANY(:slice) AND d.closed_at IS NULL
        """,
        slice_of(buckets),
        _by_recipient,
        buckets=buckets,
        ids=ids,
    )


def write(digests: Sequence[OpenDigest]) -> Query[int]:
    """Open these digests, or let those that are open stand as said."""
    columns = ", ".join(map(_column, _COLUMNS))
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())
    return routed(
        f"""
        INSERT INTO digests ({columns})
        SELECT {", ".join(f"u.{name}" for name in _COLUMNS)}
          FROM unnest({arrays}) u ({", ".join(_COLUMNS)})
         WHERE u.bucket = ANY(:slice) ORDER BY u.bucket, u.digest_id
        ON CONFLICT (bucket, digest_id) DO UPDATE
           SET closes_at = excluded.closes_at, latest_at = excluded.latest_at,
               members = excluded.members
        """,
        slice_of(digest.bucket for digest in digests),
        count,
        **{name: [getattr(digest, name) for digest in digests] for name in _COLUMNS},
    )


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


def due(slice_: Slice, now: datetime, limit: int) -> Query[list[OpenDigest]]:
    """Digests that are to close, the longest due first; without a lock."""
    return routed(
        f"""
        SELECT {_OPEN} FROM digests d
         WHERE d.bucket = ANY(:slice) AND d.closed_at IS NULL AND d.closes_at <= :now
         ORDER BY d.closes_at LIMIT :limit
        """,
        slice_,
        _digests,
        now=now,
        limit=limit,
    )


def lock_due(digests: Sequence[OpenDigest], now: datetime) -> Query[list[OpenDigest]]:
    """Of digests seen before, lock those that are still open and still due."""
    return routed(
        f"""
        SELECT {_OPEN} FROM digests d
         WHERE d.bucket = ANY(:slice) AND d.digest_id = ANY(:ids)
           AND d.closed_at IS NULL AND d.closes_at <= :now
         ORDER BY d.bucket, d.digest_id FOR UPDATE
        """,
        slice_of(digest.bucket for digest in digests),
        _digests,
        ids=[digest.digest_id for digest in digests],
        now=now,
    )


def put_off(digest: OpenDigest, now: datetime, pause: timedelta) -> Query[int]:
    """Let a digest that crashed come again later, so that it holds up no other.

    Args:
        digest: One that is open.
        now: The database's time.
        pause: How long it rests the first time; as much longer each time after.

    Returns:
        How often it crashed.
    """
    return routed(
        """
        UPDATE digests d
           SET crashes = crashes + 1,
               closes_at = CAST(:now AS timestamptz) + CAST(:pause AS interval) * (crashes + 1)
         WHERE d.bucket = ANY(:slice) AND d.digest_id = :id AND d.closed_at IS NULL
        RETURNING crashes
        """,
        slice_of([digest.bucket]),
        lambda result: max((row.crashes for row in result), default=0),
        id=digest.digest_id,
        now=now,
        pause=pause,
    )


_OF_DIGEST = ("recipient_id", "topic", "klass", "channel", "step", "test")
_OF_MEMBER = (
    "bucket", "delivery_id", "day", "event_id", "lane", "expires_at", "attempt", "actor", "thread",
    "tags", "locale", "tenant", "campaign", "created_at", "content", "follower",
)  # fmt: skip
_MEMBER = ", ".join(
    [
        "m.digest_id, m.collected_at, CAST(m.data AS text)",
        "coalesce(CAST(m.trace AS text), '{}')",
        *(f"d.{_column(name)}" for name in _OF_DIGEST),
        *(f"m.{name}" for name in _OF_MEMBER),
    ]
)
"""What makes a `Member`: its digest and itself."""


def _members(result: Answer) -> list[Member]:
    return [_member(*row) for row in result]


def _member(digest: UUID, at: datetime, data: str | None, trace: str, *values: Any) -> Member:
    known = dict(zip((*_OF_DIGEST, *_OF_MEMBER), values, strict=True))
    kinds = {"klass": Class(known["klass"]), "tags": tuple(known["tags"] or ())}
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


def close(closed: Sequence[tuple[OpenDigest, int, UUID | None]], now: datetime) -> Query[int]:
    """Close digests: how many each holds in the end, and the message that carries them."""
    return routed(
        """
        UPDATE digests d SET closed_at = :now, members = u.members, message_id = u.message
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS uuid[]),
                      CAST(:members AS bigint[]), CAST(:messages AS uuid[]))
               u (bucket, id, members, message)
         WHERE d.bucket = ANY(:slice) AND d.bucket = u.bucket AND d.digest_id = u.id
           AND d.closed_at IS NULL
        """,
        slice_of(digest.bucket for digest, _, _ in closed),
        count,
        now=now,
        buckets=[digest.bucket for digest, _, _ in closed],
        ids=[digest.digest_id for digest, _, _ in closed],
        members=[held for _, held, _ in closed],
        messages=[message for _, _, message in closed],
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
