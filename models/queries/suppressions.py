"""Addresses nothing is sent to, and the copies of that on recipients' addresses.

Decisions read only the copies, which live with the recipient. So that none is missed, whoever
suppresses commits the suppression before writing copies, and whoever adds an address commits
it before reading suppressions: one of the two sees the other. Upkeep reconciles the rest.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.ids import bucket_of
from models.profiles import NewProfile
from models.queries.routing import EVERYWHERE, Slice, routed, slice_of
from models.query import Answer, Query, count, records, sql


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why nothing is sent to an address.

    Attributes:
        address: In the form its channel accepts it.
        source: Who or what said so.
        expires_at: Until when; `None` for good.
    """

    channel: str
    address: str
    reason: str
    source: str
    expires_at: datetime | None = None


_OUTLASTS = """
    {old}.{until} IS NOT NULL
    AND (CAST(:until AS timestamptz) IS NULL OR :until > {old}.{until})
"""
_SUPPRESS = f"""
    INSERT INTO suppressions AS s
        (bucket, channel, address, reason, source, expires_at, created_at)
    VALUES (:bucket, :channel, :address, :reason, :by, :until, :now)
    ON CONFLICT (bucket, channel, address) DO UPDATE
       SET reason = excluded.reason, source = excluded.source,
           expires_at = excluded.expires_at, created_at = excluded.created_at
     WHERE {_OUTLASTS.format(old="s", until="expires_at")}
"""
_SUPPRESS_COPIES = f"""
    UPDATE addresses a SET suppressed_for = :reason, suppressed_until = :until
     WHERE a.bucket = ANY(:slice) AND a.channel = :channel AND a.address = :address
       AND (a.suppressed_for IS NULL
            OR {_OUTLASTS.format(old="a", until="suppressed_until")})
"""


def suppress(
    suppression: Suppression, now: datetime, slices: Sequence[Slice] = (EVERYWHERE,)
) -> list[Query[int]]:
    """Send nothing there any more. Statements each in a transaction of its own, in order.

    The first is the suppression; the others copy it in one slice each. Of two suppressions the
    one that lasts longer stays, in whatever order they come.
    """
    said = {
        "channel": suppression.channel,
        "address": suppression.address,
        "reason": suppression.reason,
        "until": suppression.expires_at,
    }
    bucket = bucket_of(suppression.address)
    row = sql(_SUPPRESS, count, bucket=bucket, by=suppression.source, now=now, **said)
    return [row, *(routed(_SUPPRESS_COPIES, slice_, count, **said) for slice_ in slices)]


def lift(channel: str, address: str) -> tuple[Query[int], Query[int]]:
    """Send there again. Two statements, each in a transaction of its own, in order."""
    row = routed(
        """
        DELETE FROM suppressions
         WHERE bucket = ANY(:slice) AND channel = :channel AND address = :address
        """,
        slice_of([bucket_of(address)]),
        count,
        channel=channel,
        address=address,
    )
    copies = routed(
        """
        UPDATE addresses SET suppressed_for = NULL, suppressed_until = NULL
         WHERE bucket = ANY(:slice) AND channel = :channel AND address = :address
           AND suppressed_for IS NOT NULL
        """,
        EVERYWHERE,
        count,
        channel=channel,
        address=address,
    )
    return row, copies


Found = Mapping[tuple[str, str], Suppression]
"""Suppressions by (channel, address)."""


def _found(result: Answer) -> Found:
    found = records(Suppression)(result)
    return {(each.channel, each.address): each for each in found}


def suppressions_of(profiles: Collection[NewProfile], now: datetime) -> Query[Found]:
    """The live suppressions of the addresses just written; asked after their commit."""
    written = {(a.channel, a.address) for profile in profiles for a in profile.addresses}
    return suppressions_at(written, now)


def suppressions_at(pairs: Collection[tuple[str, str]], now: datetime) -> Query[Found]:
    """The live suppressions of these (channel, address)."""
    buckets = [bucket_of(address) for _, address in pairs]
    return routed(
        """
        SELECT s.channel, s.address, s.reason, s.source, s.expires_at
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:channels AS text[]),
                      CAST(:addresses AS text[])) u (bucket, channel, address)
          JOIN suppressions s
            ON s.bucket = u.bucket AND s.channel = u.channel AND s.address = u.address
         WHERE s.bucket = ANY(:slice) AND (s.expires_at IS NULL OR s.expires_at > :now)
        """,
        slice_of(buckets),
        _found,
        now=now,
        buckets=buckets,
        channels=[channel for channel, _ in pairs],
        addresses=[address for _, address in pairs],
    )


def copy_suppressions(profiles: Collection[NewProfile], found: Found) -> Query[int]:
    """Write what was found onto the addresses just written."""
    hit = [
        (profile, each, found[each.channel, each.address])
        for profile in profiles
        for each in profile.addresses
        if (each.channel, each.address) in found
    ]
    return routed(
        """
        UPDATE addresses a SET suppressed_for = u.reason, suppressed_until = u.until
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[]),
                      CAST(:channels AS text[]), CAST(:addresses AS text[]),
                      CAST(:reasons AS text[]), CAST(:untils AS timestamptz[]))
               u (bucket, id, channel, address, reason, until)
         WHERE a.bucket = ANY(:slice) AND a.bucket = u.bucket AND a.recipient_id = u.id
           AND a.channel = u.channel AND a.address = u.address
        """,
        slice_of(profile.bucket for profile, _, _ in hit),
        count,
        buckets=[profile.bucket for profile, _, _ in hit],
        ids=[profile.recipient_id for profile, _, _ in hit],
        channels=[each.channel for _, each, _ in hit],
        addresses=[each.address for _, each, _ in hit],
        reasons=[suppression.reason for _, _, suppression in hit],
        untils=[suppression.expires_at for _, _, suppression in hit],
    )
