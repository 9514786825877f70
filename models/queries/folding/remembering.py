"""What happened to suppressions: kept for good, and counted for charts."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import md5
from uuid import UUID

from models.ids import bucket_of
from models.queries.arrays import array, arrays
from models.queries.sending.counts import write_moves
from models.query import Answer, Query, Story, rows
from models.records import Change, Move, Place, Suppression, cause_of

_PLACE = {"bucket": "smallint", "channel": "text", "address": "text", "category": "text"}
SAID = {**_PLACE, "reason": "text", "source": "text", "expires_at": "timestamptz"}
_REMEMBER = f"""
    INSERT INTO suppression_changes ({", ".join(SAID)}, at, change)
    SELECT u.*, CAST(:now AS timestamptz), CAST(:change AS text)
      FROM unnest({arrays(SAID)}) u ({", ".join(SAID)})
    ON CONFLICT (bucket, channel, address, category, at, change) DO NOTHING
    RETURNING channel, address, category
"""


def place_of(one: Suppression) -> tuple[int, str, str, str]:
    """Its key."""
    return bucket_of(one.address), one.channel, one.address, one.category


def places(result: Answer) -> set[Place]:
    """The shape of statements that return what they changed."""
    return {Place(*row) for row in rows(result)}


def columns(said: Sequence[Suppression]) -> dict[str, str]:
    """The arrays of `SAID`."""
    values = [(*place_of(one), one.reason, one.source, one.expires_at) for one in said]
    return {name: array(row[place] for row in values) for place, name in enumerate(SAID)}


def remember(
    said: Sequence[Suppression], change: Change, now: datetime, causes: Sequence[str] = ()
) -> Story[None]:
    """Write a change into the history, and count what was not known of it.

    Of what is lifted the reason says why that was; `causes` say why each was suppressed.
    """
    asked = {**columns(said), "now": now, "change": change}
    new: set[Place] = yield Query(_REMEMBER, places, asked)
    counted = Counter(
        Move("", one.channel, "", change, cause_of(why))
        for one, why in zip(said, causes or [each.reason for each in said], strict=True)
        if one.place in new
    )
    named = "".join(f"{place.digest}{change}{now}" for place in sorted(new, key=str))
    batch = UUID(bytes=md5(named.encode(), usedforsecurity=False).digest())
    yield write_moves(counted, counted, batch, now)
