"""Comparing suppressions with their copies on addresses, a page at a time.

The two live in different buckets, so they meet in our memory, never in a join.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.ids import bucket_of
from models.queries.arrays import array
from models.queries.folding.suppressions import entries
from models.queries.routing import Slice, routed, slice_of
from models.query import Answer, Query, count, records, rows
from models.records import EVERY, Json, Suppression, blocks_of


def lock_live(
    slice_: Slice, after: Suppression | None, limit: int, now: datetime
) -> Query[list[Suppression]]:
    """Live suppressions after one of them, in order; nobody lifts them before the end."""
    return routed(
        """
        SELECT channel, address, reason, source, expires_at, category FROM suppressions
         WHERE bucket = ANY(:slice) AND (expires_at IS NULL OR expires_at > :now)
           AND (bucket, channel, address, category) > (:bucket, :channel, :address, :category)
         ORDER BY bucket, channel, address, category LIMIT :limit FOR SHARE
        """,
        slice_,
        records(Suppression),
        now=now,
        limit=limit,
        bucket=-1 if after is None else bucket_of(after.address),
        channel="" if after is None else after.channel,
        address="" if after is None else after.address,
        category="" if after is None else after.category,
    )


def copy_to_all(found: Sequence[Suppression], slice_: Slice) -> list[Query[int]]:
    """Write suppressions onto every address of a slice that says something else.

    Those of one channel first, then those of all: an address takes one entry list a statement.
    """
    one = [each for each in found if each.channel != EVERY]
    every = [each for each in found if each.channel == EVERY]
    same = "a.channel = u.channel"
    return [_copy(part, same if part is one else "true", slice_) for part in (one, every) if part]


def _copy(found: Sequence[Suppression], where: str, slice_: Slice) -> Query[int]:
    together: dict[tuple[str, str], list[Suppression]] = {}
    for each in found:
        together.setdefault((each.channel, each.address), []).append(each)
    return routed(
        f"""
        UPDATE addresses a
           SET suppressed = coalesce(a.suppressed, CAST('{{}}' AS jsonb)) || u.entries
          FROM unnest(CAST(:channels AS text[]), CAST(:addresses AS text[]),
                      CAST(:entries AS jsonb[])) u (channel, address, entries)
         WHERE a.bucket = ANY(:slice) AND {where} AND a.address = u.address
           AND NOT coalesce(a.suppressed @> u.entries, false)
        """,
        slice_,
        count,
        channels=[channel for channel, _ in together],
        addresses=[address for _, address in together],
        entries=[entries(each) for each in together.values()],
    )


@dataclass(frozen=True, slots=True)
class Copied:
    """An address of somebody that says it is suppressed.

    Attributes:
        marks: Of the copies on it.
    """

    bucket: int
    recipient_id: str
    channel: str
    address: str
    marks: frozenset[str] = frozenset()


def _live(said: Json, now: datetime) -> frozenset[str]:
    return frozenset(block.mark for block in blocks_of(said) if block.is_live(now))


def _copied(now: datetime) -> Callable[[Answer], list[Copied]]:
    """The shape of copies that are in force; what ended is left to lie."""

    def shaped(result: Answer) -> list[Copied]:
        return [
            Copied(bucket, recipient, channel, address, _live(said, now))
            for bucket, recipient, channel, address, said in rows(result)
        ]

    return shaped


def copied(slice_: Slice, after: Copied | None, limit: int, now: datetime) -> Query[list[Copied]]:
    """Addresses that are or were suppressed, after one of them, in order."""
    last = after or Copied(-1, "", "", "")
    return routed(
        """
        SELECT bucket, recipient_id, channel, address, suppressed FROM addresses
         WHERE bucket = ANY(:slice) AND suppressed IS NOT NULL
           AND (bucket, recipient_id, channel, address) > (:bucket, :id, :channel, :address)
         ORDER BY bucket, recipient_id, channel, address LIMIT :limit
        """,
        slice_,
        _copied(now),
        limit=limit,
        bucket=last.bucket,
        id=last.recipient_id,
        channel=last.channel,
        address=last.address,
    )


def clear(stale: Sequence[Copied]) -> Query[int]:
    """Take these marks off addresses: their suppressions are gone."""
    return routed(
        """
        UPDATE addresses a
           SET suppressed = nullif(a.suppressed - CAST(u.marks AS text[]), CAST('{}' AS jsonb))
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[]),
                      CAST(:channels AS text[]), CAST(:addresses AS text[]),
                      CAST(:marks AS text[])) u (bucket, id, channel, address, marks)
         WHERE a.bucket = ANY(:slice) AND a.bucket = u.bucket AND a.recipient_id = u.id
           AND a.channel = u.channel AND a.address = u.address
           AND a.suppressed IS NOT NULL
        """,
        slice_of(each.bucket for each in stale),
        count,
        buckets=[each.bucket for each in stale],
        ids=[each.recipient_id for each in stale],
        channels=[each.channel for each in stale],
        addresses=[each.address for each in stale],
        marks=[array(sorted(each.marks)) for each in stale],
    )
