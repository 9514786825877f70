"""Who opened a mail and who followed its links: judged over all that is known of it. Pure.

A verdict is a function of every open and click of a delivery, in whatever order they came. So
evidence that comes later changes earlier verdicts: the second link of a scanner tells on its first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from delivery.engagement.signs import BY_CODE, Sign
from models.records import By, Kind

TOO_SOON = timedelta(seconds=2)
"""After the hand-over: nobody has read a mail by then."""
BURST = timedelta(seconds=2)
"""Within which nobody follows two links."""
SWEEP = timedelta(seconds=10)
"""After the hand-over, within which nobody follows `_SWEPT` links, from wherever."""
_SWEPT = 3
MOST = 100
"""Opens and clicks of one delivery that are kept; who makes more of them is heard no longer."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One open or click.

    Attributes:
        link: Number of the link; 0 of an open, and where a vendor does not say.
        source: Where it came from, as a keyed hash; empty where nobody says.
        code: What its request gave away: the code of a `Sign`.
    """

    kind: Kind
    at: datetime
    link: int = 0
    source: str = ""
    code: str = ""


def judged(hits: Sequence[Hit], handed_over: datetime | None) -> list[Sign]:
    """What each hit is, in their order.

    Args:
        hits: All opens and clicks of one delivery, in any order.
        handed_over: When its mail was handed over, as far as that is known.
    """
    alone = [_alone(hit, handed_over) for hit in hits]
    swept = _swept(hits, handed_over)
    return [
        _together(number, hits, alone, swept) if sign is Sign.NOTHING else sign
        for number, sign in enumerate(alone)
    ]


def _alone(hit: Hit, handed_over: datetime | None) -> Sign:
    sign = BY_CODE.get(hit.code, Sign.NOTHING)
    if sign.by is By.PROXY and hit.kind is Kind.CLICKED:
        return Sign.CLIENT  # an image proxy has no business with links
    soon = handed_over is not None and hit.at < handed_over + TOO_SOON
    if soon and sign.by in {By.PERSON, By.PROXY}:
        return Sign.TOO_SOON if hit.kind is Kind.CLICKED else Sign.FETCHED
    return sign


def _swept(hits: Sequence[Hit], handed_over: datetime | None) -> datetime | None:
    """Until when all of it was a scanner's with many addresses; `None` where there was none."""
    if handed_over is None:
        return None
    until = handed_over + SWEEP
    links = {hit.link for hit in hits if hit.link and hit.at < until}
    return until if len(links) >= _SWEPT else None


def _together(
    number: int, hits: Sequence[Hit], alone: Sequence[Sign], swept: datetime | None
) -> Sign:
    """What those around a hit tell of it."""
    hit = hits[number]
    if swept is not None and hit.at < swept:
        return Sign.SWEEP
    near = [
        (other, sign)
        for other, sign in zip(hits, alone, strict=True)
        if hit.source and other.source == hit.source and abs(other.at - hit.at) <= BURST
    ]
    if len({other.link for other, _ in near if other.link}) > 1:
        return Sign.BURST
    return Sign.COMPANY if any(sign.by is By.SCANNER for _, sign in near) else Sign.NOTHING


class Count(NamedTuple):
    """What is counted of a delivery: how often, and once each where it happened at all.

    Attributes:
        kind: `opened` or `clicked`.
        link: The link; 0 for all of the delivery's.
    """

    kind: Kind
    by: By
    link: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one delivery: `times` counts every hit, `once` at most one for each count."""

    times: Mapping[Count, int]
    once: frozenset[Count]


def tallied(hits: Iterable[tuple[Hit, By]]) -> Tally:
    """Add the hits of one delivery up."""
    times: Counter[Count] = Counter()
    for hit, by in hits:
        times[Count(hit.kind, by, 0)] += 1
        if hit.link:
            times[Count(hit.kind, by, hit.link)] += 1
    return Tally(times, frozenset(times))


def changes(before: Tally, after: Tally) -> dict[Count, tuple[int, int]]:
    """What to add to the counts, some of it less than nothing: (times, once)."""
    return {
        count: change
        for count in {*before.times, *after.times}
        if any(
            change := (
                after.times.get(count, 0) - before.times.get(count, 0),
                (count in after.once) - (count in before.once),
            )
        )
    }
