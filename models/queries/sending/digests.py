"""Digests: which are open, and how they close.

Whoever writes about a recipient's digests holds the lock of that recipient's ledger row.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.ids import bucket_of
from models.queries.routing import Slice, routed, slice_of
from models.query import Answer, Query, count
from models.records import (
    Class,
    DigestKind,
    Group,
    OpenDigest,
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
