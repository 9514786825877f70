"""Addresses nothing is sent to, and the copies of that on recipients' addresses.

Decisions read only the copies, which live with the recipient. So that none is missed, whoever
suppresses commits the suppression before writing copies, and whoever adds an address commits
it before reading suppressions: one of the two sees the other. Upkeep reconciles the rest.

A suppression has a scope: a channel or all of them (`*`), a category or all of them. Each has an
entry of its own in the copy, so that two that come at once never overwrite each other.

Of an address whose owner was erased only its pseudonym is kept; it stops the address all the same.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from models.ids import bucket_of
from models.profiles import NewProfile
from models.pseudonyms import Pseudonyms
from models.queries.arrays import arrays
from models.queries.folding.remembering import SAID, columns, place_of, places, remember
from models.queries.routing import EVERYWHERE, Slice, routed, slice_of
from models.query import Answer, Query, Story, count, rows
from models.records import Change, Place, Suppression

_SUPPRESS = f"""
    INSERT INTO suppressions AS s ({", ".join(SAID)}, created_at)
    SELECT u.*, CAST(:now AS timestamptz) FROM unnest({arrays(SAID)}) u ({", ".join(SAID)})
    ON CONFLICT (bucket, channel, address, category) DO UPDATE
       SET reason = excluded.reason, source = excluded.source,
           expires_at = excluded.expires_at, created_at = excluded.created_at
     WHERE s.expires_at IS NOT NULL
       AND (excluded.expires_at IS NULL OR excluded.expires_at > s.expires_at)
    RETURNING channel, address, category
"""


def suppress(suppression: Suppression, now: datetime) -> Story[int]:
    """Send nothing there any more, and remember who said so; committed before it is copied.

    Of two suppressions of the same scope the one that lasts longer stays, in whatever order they
    come; the same one again changes nothing.

    Returns:
        1 when something changed, else 0.
    """
    changed: list[Suppression] = yield from suppress_all([suppression], now)
    return len(changed)


def suppress_all(suppressions: Iterable[Suppression], now: datetime) -> Story[list[Suppression]]:
    """The same for many at once, each place named once.

    Returns:
        Those that changed something.
    """
    # In one order, so that nobody waits for whoever waits for him.
    said = sorted(suppressions, key=place_of)
    new: set[Place] = yield Query(_SUPPRESS, places, {**columns(said), "now": now})
    changed = [each for each in said if each.place in new]
    if changed:
        yield from remember(changed, Change.SUPPRESSED, now)
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


def lift(
    place: Place, by: str, why: str, now: datetime, *, known_as: Sequence[str] = ()
) -> Story[int]:
    """Send there again, and remember who said so; committed before the copies are cleared.

    Args:
        place: What was suppressed.
        by: Who lifts it.
        why: The reason, for people.
        now: The database's time.
        known_as: Pseudonyms of the address, under which it may be suppressed as well.

    Returns:
        How many such suppressions there were.
    """
    said = {"channel": place.channel, "category": place.category}
    slice_ = slice_of([bucket_of(place.address)])
    spelled = [place.address, *known_as]
    lifted: list[tuple[str, str]] = yield routed(_LIFT, slice_, rows, addresses=spelled, **said)
    if lifted:
        gone = [
            Suppression(place.channel, address, why, by, None, place.category)
            for address, _ in lifted
        ]
        yield from remember(gone, Change.LIFTED, now, [reason for _, reason in lifted])
    return len(lifted)


_LIFT = """
    DELETE FROM suppressions
     WHERE bucket = ANY(:slice) AND channel = :channel AND address = ANY(:addresses)
       AND category = :category
    RETURNING address, reason
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


def _spelled(
    pairs: Collection[tuple[str, str]], names: Pseudonyms
) -> Iterator[tuple[int, str, str, str]]:
    """Bucket, channel, address, and each form in which it may be suppressed."""
    for channel, address in pairs:
        for form in (address, *names.address(address)):
            yield bucket_of(address), channel, address, form


def suppressions_of(
    profiles: Collection[NewProfile], names: Pseudonyms, now: datetime
) -> Query[Found]:
    """The live suppressions of the addresses just written; asked after their commit."""
    written = {(a.channel, a.address) for profile in profiles for a in profile.addresses}
    return suppressions_at(written, names, now)


def suppressions_at(
    pairs: Collection[tuple[str, str]], names: Pseudonyms, now: datetime
) -> Query[Found]:
    """The live suppressions that stop these (channel, address), as suppressions of these."""
    asked = list(_spelled(pairs, names))
    return routed(
        """
        SELECT u.channel, s.channel, u.address, s.reason, s.source, s.expires_at, s.category
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:channels AS text[]),
                      CAST(:addresses AS text[]), CAST(:forms AS text[]))
               u (bucket, channel, address, form)
          JOIN suppressions s
            ON s.bucket = u.bucket AND s.channel IN (u.channel, '*') AND s.address = u.form
         WHERE s.bucket = ANY(:slice) AND (s.expires_at IS NULL OR s.expires_at > :now)
        """,
        slice_of(bucket for bucket, *_ in asked),
        _found,
        now=now,
        buckets=[bucket for bucket, *_ in asked],
        channels=[channel for _, channel, _, _ in asked],
        addresses=[address for _, _, address, _ in asked],
        forms=[form for *_, form in asked],
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
