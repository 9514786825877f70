"""Addresses nothing is sent to, and the copies of that on recipients' addresses.

Decisions read only the copies, which live with the recipient. So that none is missed, whoever
suppresses commits the suppression before writing copies, and whoever adds an address commits
it before reading suppressions: one of the two sees the other. Upkeep reconciles the rest.

A suppression has a scope: a channel or all of them (`*`), a category or all of them. Each has an
entry of its own in the copy, so that two that come at once never overwrite each other.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from models.ids import bucket_of
from models.profiles import NewProfile
from models.queries.routing import EVERYWHERE, Slice, routed, slice_of
from models.query import Answer, Query, Story, count, rows
from models.records import Place, Suppression

_SUPPRESS = """
    INSERT INTO suppressions AS s
        (bucket, channel, address, category, reason, source, expires_at, created_at)
    VALUES (:bucket, :channel, :address, :category, :reason, :source, :until, :now)
    ON CONFLICT (bucket, channel, address, category) DO UPDATE
       SET reason = excluded.reason, source = excluded.source,
           expires_at = excluded.expires_at, created_at = excluded.created_at
     WHERE s.expires_at IS NOT NULL
       AND (excluded.expires_at IS NULL OR excluded.expires_at > s.expires_at)
"""
_REMEMBER = """
    INSERT INTO suppression_changes
        (bucket, channel, address, category, at, change, reason, source, expires_at)
    VALUES (:bucket, :channel, :address, :category, :now, :change, :reason, :source, :until)
    ON CONFLICT (bucket, channel, address, category, at, change) DO NOTHING
"""


def suppress(suppression: Suppression, now: datetime) -> Story[int]:
    """Send nothing there any more, and remember who said so; committed before it is copied.

    Of two suppressions of the same scope the one that lasts longer stays, in whatever order they
    come; the same one again changes nothing.

    Returns:
        1 when something changed, else 0.
    """
    said = {
        "bucket": bucket_of(suppression.address),
        "channel": suppression.channel,
        "address": suppression.address,
        "category": suppression.category,
        "reason": suppression.reason,
        "source": suppression.source,
        "until": suppression.expires_at,
        "now": now,
    }
    changed: int = yield Query(_SUPPRESS, count, said)
    if changed:
        yield Query(_REMEMBER, count, {**said, "change": "suppressed"})
    return changed


_COPY = """
    UPDATE addresses a
       SET suppressed = coalesce(a.suppressed, CAST('{}' AS jsonb)) || CAST(:entry AS jsonb)
     WHERE a.bucket = ANY(:slice) AND (a.channel = :channel OR :channel = '*')
       AND a.address = :address
       AND (a.suppressed -> :mark IS NULL
            OR (a.suppressed -> :mark ->> 'until' IS NOT NULL
                AND (CAST(:until AS text) IS NULL
                     OR :until > (a.suppressed -> :mark ->> 'until') COLLATE "C")))
"""


def copies(suppression: Suppression, slices: Sequence[Slice] = (EVERYWHERE,)) -> list[Query[int]]:
    """Write a suppression onto the addresses of recipients; each in a transaction of its own."""
    said = {
        "channel": suppression.channel,
        "address": suppression.address,
        "mark": suppression.mark,
        "entry": json.dumps({suppression.mark: suppression.entry}),
        "until": suppression.entry["until"],
    }
    return [routed(_COPY, slice_, count, **said) for slice_ in slices]


def lift(place: Place, by: str, why: str, now: datetime) -> Story[int]:
    """Send there again, and remember who said so; committed before the copies are cleared.

    Returns:
        1 when there was such a suppression, else 0.
    """
    said = {"channel": place.channel, "address": place.address, "category": place.category}
    slice_ = slice_of([bucket_of(place.address)])
    lifted: int = yield routed(_LIFT, slice_, count, **said)
    if lifted:
        more = {"bucket": bucket_of(place.address), "change": "lifted", "now": now}
        remembered = {**said, **more, "reason": why, "source": by, "until": None}
        yield Query(_REMEMBER, count, remembered)
    return lifted


_LIFT = """
    DELETE FROM suppressions
     WHERE bucket = ANY(:slice) AND channel = :channel AND address = :address
       AND category = :category
"""
_CLEAR = """
    UPDATE addresses a SET suppressed = nullif(a.suppressed - CAST(:mark AS text), '{}')
     WHERE a.bucket = ANY(:slice) AND a.address = :address
       AND a.suppressed -> CAST(:mark AS text) IS NOT NULL
"""


def clear_copies(place: Place) -> Query[int]:
    """Take a lifted suppression off the addresses of recipients."""
    return routed(_CLEAR, EVERYWHERE, count, address=place.address, mark=place.mark)


Found = Mapping[tuple[str, str], tuple[Suppression, ...]]
"""Suppressions by (channel, address) of whom they stop."""


def _found(result: Answer) -> Found:
    found: dict[tuple[str, str], tuple[Suppression, ...]] = {}
    for asked, *said in rows(result):
        each = Suppression(*said)
        found[asked, each.address] = (*found.get((asked, each.address), ()), each)
    return found


def suppressions_of(profiles: Collection[NewProfile], now: datetime) -> Query[Found]:
    """The live suppressions of the addresses just written; asked after their commit."""
    written = {(a.channel, a.address) for profile in profiles for a in profile.addresses}
    return suppressions_at(written, now)


def suppressions_at(pairs: Collection[tuple[str, str]], now: datetime) -> Query[Found]:
    """The live suppressions that stop these (channel, address)."""
    buckets = [bucket_of(address) for _, address in pairs]
    return routed(
        """
        SELECT u.channel, s.channel, s.address, s.reason, s.source, s.expires_at, s.category
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:channels AS text[]),
                      CAST(:addresses AS text[])) u (bucket, channel, address)
          JOIN suppressions s
            ON s.bucket = u.bucket AND s.channel IN (u.channel, '*') AND s.address = u.address
         WHERE s.bucket = ANY(:slice) AND (s.expires_at IS NULL OR s.expires_at > :now)
        """,
        slice_of(buckets),
        _found,
        now=now,
        buckets=buckets,
        channels=[channel for channel, _ in pairs],
        addresses=[address for _, address in pairs],
    )


def entries(found: Iterable[Suppression]) -> str:
    """What the copies say of these, as JSON text."""
    return json.dumps({each.mark: each.entry for each in found})


def copy_suppressions(profiles: Collection[NewProfile], found: Found) -> Query[int]:
    """Write what was found onto the addresses just written."""
    hit = [
        (profile, each, entries(found[each.channel, each.address]))
        for profile in profiles
        for each in profile.addresses
        if (each.channel, each.address) in found
    ]
    return routed(
        """
        UPDATE addresses a
           SET suppressed = coalesce(a.suppressed, CAST('{}' AS jsonb)) || u.entries
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[]),
                      CAST(:channels AS text[]), CAST(:addresses AS text[]),
                      CAST(:entries AS jsonb[]))
               u (bucket, id, channel, address, entries)
         WHERE a.bucket = ANY(:slice) AND a.bucket = u.bucket AND a.recipient_id = u.id
           AND a.channel = u.channel AND a.address = u.address
        """,
        slice_of(profile.bucket for profile, _, _ in hit),
        count,
        buckets=[profile.bucket for profile, _, _ in hit],
        ids=[profile.recipient_id for profile, _, _ in hit],
        channels=[each.channel for _, each, _ in hit],
        addresses=[each.address for _, each, _ in hit],
        entries=[said for _, _, said in hit],
    )
