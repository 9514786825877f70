"""Makes up a day of edits, the same for the same date: the shape of a real day, none of its data.

Two in five edits are a robot's, one in ten is anonymous. A few people do most of the work. Most
pages are edited once a day, and a few by many.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import IPv6Address
from math import cos, tau
from random import Random

from scheduler.demo.edits import Day, Edit
from scheduler.demo.wikis import WIKIS, Wiki

EDITS = 39_000
"""Edits of a day."""

_ROBOTS, _ANONYMOUS = 0.40, 0.10
_BUSIEST, _QUIETEST = 18, 0.35
"""The busiest hour (UTC), and what is left of it twelve hours later."""
_CROWDED = {True: 0.01, False: 0.16}
"""How often an edit is of one of a wiki's popular pages: seldom by robots."""
_POPULAR, _REST = 60, 10_000_000
"""Popular pages of a wiki for each point of its weight, and pages besides."""
_PEOPLE, _VISITORS, _MACHINES = 320, 110, 3
"""People, addresses without an account, and robots of a wiki for each point of its weight."""
_ADDRESSES = IPv6Address("2001:db8::")
"""Reserved for documentation (RFC 3849): nobody's."""


def make_day(day: date, edits: int = EDITS) -> Day:
    """A day of edits, named after its date; the same date gives the same day."""
    dice = Random(day.isoformat())  # noqa: S311 - nothing secret is drawn
    begin = datetime.combine(day, time(), UTC)
    moments = sorted(_moment(dice, begin) for _ in range(edits))
    wikis = dice.choices(WIKIS, [wiki.weight for wiki in WIKIS], k=edits)
    drawn = [
        _edit(dice, number, moment, wiki)
        for number, (moment, wiki) in enumerate(zip(moments, wikis, strict=True), start=1)
    ]
    return Day(day.isoformat(), tuple(drawn))


def _moment(dice: Random, begin: datetime) -> datetime:
    """Draw until a moment is busy enough: it follows the curve of the day."""
    while True:
        hour = dice.uniform(0, 24)
        swing = (1 + cos((hour - _BUSIEST) / 24 * tau)) / 2
        if dice.random() < _QUIETEST + (1 - _QUIETEST) * swing:
            return begin + timedelta(hours=hour)


def _edit(dice: Random, number: int, at: datetime, wiki: Wiki) -> Edit:
    author = _author(dice, wiki)
    return Edit(
        number=number,
        at=at,
        wiki=wiki.name,
        page=_page(dice, wiki, crowded=dice.random() < _CROWDED[author.robot]),
        user=author.name,
        comment=dice.choice(wiki.comments),
        delta=round(dice.gauss(30, 200)),
        robot=author.robot,
        anonymous=author.country is not None,
        country=author.country,
    )


@dataclass(frozen=True, slots=True)
class _Author:
    name: str
    robot: bool = False
    country: str | None = None


def _author(dice: Random, wiki: Wiki) -> _Author:
    kind = dice.random()
    if kind < _ROBOTS:
        rank = _rank(dice, _MACHINES * wiki.weight, 3.5)
        return _Author(f"{_name(wiki, rank)}Bot", robot=True)
    if kind < _ROBOTS + _ANONYMOUS:
        visitor = dice.randrange(_VISITORS * wiki.weight)
        country = wiki.countries[visitor % len(wiki.countries)]
        network = WIKIS.index(wiki) << 64
        return _Author(str(_ADDRESSES + network + visitor), country=country)
    rank = _rank(dice, _PEOPLE * wiki.weight, 2.2)
    return _Author(_name(wiki, rank))


def _page(dice: Random, wiki: Wiki, *, crowded: bool) -> str:
    popular = _POPULAR * wiki.weight
    rank = _rank(dice, popular, 2.0) if crowded else popular + dice.randrange(_REST)
    kind, rest = rank % len(wiki.titles), rank // len(wiki.titles)
    return wiki.titles[kind].format(_name(wiki, rest))


def _rank(dice: Random, size: int, skew: float) -> int:
    """A place from 0 to below `size`, the low ones far more often (Zipf's law, about)."""
    return int(size * dice.random() ** skew)


def _name(wiki: Wiki, rank: int) -> str:
    """A name for a number, another one for each."""
    base = len(wiki.syllables)
    parts, rest = [wiki.syllables[rank % base]], rank // base
    while rest or len(parts) < 2:  # noqa: PLR2004 - the least that sounds like a name
        parts.append(wiki.syllables[rest % base])
        rest //= base
    return "".join(parts).capitalize()
