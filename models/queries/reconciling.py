"""Comparing suppressions with their copies on addresses, a page at a time.

The two live in different buckets, so they meet in our memory, never in a join.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.ids import bucket_of
from models.queries.routing import Slice, routed, slice_of
from models.queries.suppressions import Suppression
from models.query import Query, count, records


def lock_live(
    slice_: Slice, after: Suppression | None, limit: int, now: datetime
) -> Query[list[Suppression]]:
    """Live suppressions after one of them, in order; nobody lifts them before the end."""
    return routed(
        """
        SELECT channel, address, reason, source, expires_at FROM suppressions
         WHERE bucket = ANY(:slice) AND (expires_at IS NULL OR expires_at > :now)
           AND (bucket, channel, address) > (:bucket, :channel, :address)
         ORDER BY bucket, channel, address LIMIT :limit FOR SHARE
        """,
        slice_,
        records(Suppression),
        now=now,
        limit=limit,
        bucket=-1 if after is None else bucket_of(after.address),
        channel="" if after is None else after.channel,
        address="" if after is None else after.address,
    )


def copy_to_all(found: Sequence[Suppression], slice_: Slice) -> Query[int]:
    """Write suppressions onto every address of a slice that says something else."""
    return routed(
        """
        UPDATE addresses a SET suppressed_for = u.reason, suppressed_until = u.until
          FROM unnest(CAST(:channels AS text[]), CAST(:addresses AS text[]),
                      CAST(:reasons AS text[]), CAST(:untils AS timestamptz[]))
               u (channel, address, reason, until)
         WHERE a.bucket = ANY(:slice) AND a.channel = u.channel AND a.address = u.address
           AND (a.suppressed_for, a.suppressed_until) IS DISTINCT FROM (u.reason, u.until)
        """,
        slice_,
        count,
        channels=[each.channel for each in found],
        addresses=[each.address for each in found],
        reasons=[each.reason for each in found],
        untils=[each.expires_at for each in found],
    )


@dataclass(frozen=True, slots=True)
class Copied:
    """An address of somebody that says it is suppressed."""

    bucket: int
    recipient_id: str
    channel: str
    address: str


def copies(slice_: Slice, after: Copied | None, limit: int, now: datetime) -> Query[list[Copied]]:
    """Addresses that are suppressed right now, after one of them, in order."""
    last = after or Copied(-1, "", "", "")
    return routed(
        """
        SELECT bucket, recipient_id, channel, address FROM addresses
         WHERE bucket = ANY(:slice) AND suppressed_for IS NOT NULL
           AND (suppressed_until IS NULL OR suppressed_until > :now)
           AND (bucket, recipient_id, channel, address) > (:bucket, :id, :channel, :address)
         ORDER BY bucket, recipient_id, channel, address LIMIT :limit
        """,
        slice_,
        records(Copied),
        now=now,
        limit=limit,
        bucket=last.bucket,
        id=last.recipient_id,
        channel=last.channel,
        address=last.address,
    )


def clear(stale: Sequence[Copied]) -> Query[int]:
    """Take the marks off addresses whose suppression is gone."""
    return routed(
        """
        UPDATE addresses a SET suppressed_for = NULL, suppressed_until = NULL
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[]),
                      CAST(:channels AS text[]), CAST(:addresses AS text[]))
               u (bucket, id, channel, address)
         WHERE a.bucket = ANY(:slice) AND a.bucket = u.bucket AND a.recipient_id = u.id
           AND a.channel = u.channel AND a.address = u.address
           AND a.suppressed_for IS NOT NULL
        """,
        slice_of(each.bucket for each in stale),
        count,
        buckets=[each.bucket for each in stale],
        ids=[each.recipient_id for each in stale],
        channels=[each.channel for each in stale],
        addresses=[each.address for each in stale],
    )
