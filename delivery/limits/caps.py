"""Frequency caps: what counts, what is limited, how many slots are taken and when one opens. Pure.

A slot is taken by a delivery at the moment a worker takes it on (or the feed takes it in), and
counts in its window from there: looking back over a rolling window, to the second, or from the
beginning of the recipient's day, week or month.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from delivery.limits.periods import begin_of, end_of
from delivery.ports import Draft
from delivery.rulebook import picked
from delivery.rulebook.zones import zone_of
from models.records import Cap, DueRow, Facts, Over, Period, Rulebook, Stamp, Topic

LONGEST = timedelta(days=31)
"""No window is longer."""
SPARE = 64
"""Slots that are remembered beyond a rule's limit: who is exempt may take more than there are,
and what they give back must not open a slot that older ones still fill."""

_FEED = "in_app"
_MOVED = timedelta(days=2)
"""A recipient who moves to another time zone may see an older midnight again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a recipient stands with a rule just now.

    Attributes:
        used: Slots of the window that others than the delivery in question take.
        opens_at: When the next slot opens; `None` while there is one.
    """

    cap: Cap
    used: int
    opens_at: datetime | None


@lru_cache(maxsize=1024)
def counter(cap: Cap) -> str:
    """The name of a rule's counter in the ledgers: another one as soon as it counts otherwise."""
    said = (
        cap.limit, cap.window, sorted(cap.counts),
        *(sorted(getattr(cap.picks, name)) for name in cap.picks.__dataclass_fields__),
    )  # fmt: skip
    return f"{cap.key}#{blake2b(repr(said).encode(), digest_size=4).hexdigest()}"


def counts(cap: Cap, draft: Draft, facts: Facts) -> bool:
    """Whether a delivery takes a slot of a rule."""
    return draft.topic.klass in cap.counts and _concerns(cap, draft, facts)


def limits(cap: Cap, draft: Draft, facts: Facts) -> bool:
    """Whether a delivery needs a free slot of a rule."""
    return draft.topic.klass not in cap.exempts and _concerns(cap, draft, facts)


def may_limit(cap: Cap, row: DueRow, topic: Topic | None) -> bool:
    """Whether a rule may limit a row, whoever its recipient is."""
    picks = cap.picks
    return (
        cap.limit is not None
        and not row.test
        and row.klass not in cap.exempts
        and (not picks.classes or row.klass in picks.classes)
        and (row.channel in picks.channels if picks.channels else row.channel != _FEED)
        and (not picks.topics or row.topic in picks.topics)
        and (not picks.categories or topic is None or topic.category in picks.categories)
        and (not picks.campaigns or row.campaign in picks.campaigns)
    )


def may_collect(caps: Iterable[Cap], row: DueRow, topic: Topic | None) -> bool:
    """Whether a row that is over one of these rules may go into a digest."""
    return any(cap.over is Over.DIGEST and may_limit(cap, row, topic) for cap in caps)


def counters(caps: Iterable[Cap]) -> frozenset[str]:
    """The names of all counters that these rules need."""
    return frozenset(counter(cap) for cap in caps if cap.limit is not None)


def _concerns(cap: Cap, draft: Draft, facts: Facts) -> bool:
    """The feed disturbs nobody: a rule is about it only where it names it."""
    if cap.limit is None or draft.test or draft.delivery_id is None:
        return False
    return (draft.channel != _FEED or _FEED in cap.picks.channels) and picked(
        cap.picks, draft, facts
    )


def standing(cap: Cap, draft: Draft, facts: Facts, now: datetime) -> Standing:
    """How a recipient stands with a rule, apart from the delivery in question.

    More important deliveries that are due at the same moment count as if they went.
    """
    taken = [
        stamp
        for stamp in facts.ledger.slots.get(counter(cap), ())
        if stamp.delivery_id != draft.delivery_id
    ]
    ahead = sum(counts(cap, rival, facts) for rival in draft.rivals)
    return _standing(cap, taken, ahead, now, _zone(cap, facts, draft.rules.rulebook))


def standings(book: Rulebook, facts: Facts, now: datetime) -> list[Standing]:
    """How a recipient stands with each rule that limits or counts what people of their org get."""
    org = None if facts.profile is None else facts.profile.org
    return [
        _standing(cap, facts.ledger.slots.get(counter(cap), ()), 0, now, _zone(cap, facts, book))
        for cap in book.caps
        if cap.limit is not None and (not cap.picks.orgs or org in cap.picks.orgs)
    ]


def _standing(cap: Cap, taken: Iterable[Stamp], ahead: int, now: datetime, zone: str) -> Standing:
    since = _since(cap, now, zone)
    inside = sorted(stamp.at for stamp in taken if stamp.at >= since)
    limit = cap.limit or 0
    if len(inside) + ahead < limit:
        return Standing(cap, len(inside) + ahead, None)
    if len(inside) < limit:
        return Standing(cap, len(inside) + ahead, now + _RIVALS)
    if isinstance(cap.window, Period):
        return Standing(cap, len(inside), end_of(cap.window, now, zone))
    return Standing(cap, len(inside), inside[len(inside) - limit] + cap.window)


_RIVALS = timedelta(seconds=1)
"""How soon to look again when somebody else decides about what is more important."""


def _zone(cap: Cap, facts: Facts, book: Rulebook) -> str:
    """Where the recipient's calendar is; a rolling window asks for none."""
    rolling = not isinstance(cap.window, Period)
    return "UTC" if rolling else zone_of(facts.profile, book.zones).name


def _since(cap: Cap, now: datetime, zone: str) -> datetime:
    """The first moment that its window sees; one as old as the window is outside."""
    if isinstance(cap.window, Period):
        return begin_of(cap.window, now, zone)
    return now - cap.window + datetime.resolution


def taken(
    cap: Cap, stamps: Iterable[Stamp], new: Iterable[Stamp], now: datetime
) -> tuple[Stamp, ...]:
    """The slots of a counter with new ones, each delivery's once, as far as a window sees them."""
    latest: dict[UUID, Stamp] = {}
    for stamp in sorted((*stamps, *new), key=lambda one: one.at):
        latest[stamp.delivery_id] = stamp
    since = now - looks_back(cap)
    seen = [one for one in sorted(latest.values(), key=_when) if one.at > since]
    return tuple(seen[-((cap.limit or 0) + SPARE) :])


def looks_back(cap: Cap) -> timedelta:
    """How old a slot may be and still be asked for, wherever the recipient is or moves to."""
    return _LENGTHS[cap.window] + _MOVED if isinstance(cap.window, Period) else cap.window


_LENGTHS = {Period.DAY: timedelta(days=1), Period.WEEK: timedelta(days=7), Period.MONTH: LONGEST}


def _when(stamp: Stamp) -> tuple[datetime, UUID]:
    return stamp.at, stamp.delivery_id
