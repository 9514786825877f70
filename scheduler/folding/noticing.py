"""New opens and clicks are weighed with all that is known of their deliveries, and counted."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from delivery.engagement.judging import MOST, Count, Hit, changes, judged, tallied
from delivery.engagement.signs import Sign
from models.database import Transaction
from models.ids import place_of
from models.queries.folding import engagements
from models.queries.folding.engagements import SPREAD, Kept, LinkCount, Mailed
from models.queries.folding.feedback import Waiting
from models.queries.sending import counts
from models.records import OWN_VENDOR, Kind, Move
from scheduler.folding.resting import Told
from scheduler.runtime import token

NOTICED = frozenset({Kind.OPENED, Kind.CLICKED})
_TIMES: Mapping[Kind, str] = {Kind.OPENED: "opens", Kind.CLICKED: "clicks"}
"""In the rollups: `opened` counts deliveries, `opens` counts times."""

Known = Mapping[UUID, Sequence[Kept]]


@dataclass(frozen=True, slots=True)
class _Weighed:
    """All hits of one delivery and what they are now."""

    delivery_id: UUID
    hits: Sequence[Kept]
    signs: Sequence[Sign]
    mailed: Mailed | None

    @property
    def changed(self) -> Iterator[tuple[Kept, Sign]]:
        """Hits whose verdict is new."""
        for hit, sign in zip(self.hits, self.signs, strict=True):
            if hit.by is None or (hit.by, hit.why) != (sign.by, sign.code):
                yield hit, sign

    @property
    def changes(self) -> dict[Count, tuple[int, int]]:
        """What to add to the counts."""
        before = tallied((_hit(hit), hit.by) for hit in self.hits if hit.by is not None)
        after = tallied(
            (_hit(hit), sign.by) for hit, sign in zip(self.hits, self.signs, strict=True)
        )
        return changes(before, after)


async def known(tx: Transaction, waiting: Sequence[Waiting]) -> Known:
    """The opens and clicks that are kept of the deliveries of new ones, by delivery."""
    ids = sorted({delivery for one in waiting if (delivery := _noticed(one)) is not None})
    found: dict[UUID, list[Kept]] = {each: [] for each in ids}
    for one in await tx.run(engagements.kept(ids)) if ids else ():
        found[one.delivery_id].append(one)
    return found


def heard(waiting: Sequence[Waiting], before: Known) -> list[Waiting]:
    """Without the opens and clicks of deliveries that had too many: a flood fills no disk."""
    room = {delivery: MOST - len(kept) for delivery, kept in before.items()}
    left = []
    for one in waiting:
        delivery = _noticed(one)
        if delivery is not None:
            room[delivery] -= 1
        if delivery is None or room[delivery] >= 0:
            left.append(one)
    return left


async def weigh(tx: Transaction, new: Sequence[Waiting], before: Known, told: Told) -> None:
    """Judge all hits of the deliveries that have new ones, and count what that changes."""
    fresh: dict[UUID, list[Kept]] = {}
    for one in new:
        if (delivery := _noticed(one)) is not None:
            fresh.setdefault(delivery, []).append(_kept(one, delivery))
    if not fresh:
        return
    mailed = await tx.run(engagements.mailed(sorted(fresh)))
    weighed = [
        _weighed(delivery, [*before[delivery], *hits], mailed.get(delivery))
        for delivery, hits in fresh.items()
    ]
    verdicts = [(hit, sign.by, sign.code) for one in weighed for hit, sign in one.changed]
    if verdicts:
        await tx.run(engagements.judge(verdicts))
    # A test reaches people's mailboxes, but never the figures.
    await _count(tx, [one for one in weighed if not told.of(one.delivery_id).test], told)


async def _count(tx: Transaction, weighed: Sequence[_Weighed], told: Told) -> None:
    # Once in and once out, as all that is counted and is no state.
    moves = Counter[Move]()
    for one in weighed:
        moves.update(dict(_moves(one, told.counted(one.delivery_id))))
    await tx.copy(counts.write_moves(moves, moves, token(), told.now))
    links = [each for one in weighed for each in _links(one)]
    if links:
        await tx.run(engagements.add(links))


def _moves(one: _Weighed, of: Move) -> Iterator[tuple[Move, int]]:
    for count, (times, once) in one.changes.items():
        if not count.link:
            yield replace(of, state=str(count.kind), reason=count.by), once
            yield replace(of, state=_TIMES[count.kind], reason=count.by), times


def _links(one: _Weighed) -> Iterator[LinkCount]:
    """What to add to the counts of links; link 0 are the opens."""
    of = one.mailed
    if of is None or of.template is None or of.version is None:
        return
    bucket = place_of(one.delivery_id).bucket % SPREAD
    for count, (times, once) in one.changes.items():
        if count.link or count.kind is Kind.OPENED:
            yield LinkCount(
                bucket, of.template, of.version, count.link, count.by, of.campaign, times, once
            )


def _weighed(delivery: UUID, hits: Sequence[Kept], mailed: Mailed | None) -> _Weighed:
    handed_over = None if mailed is None else mailed.sent_at
    return _Weighed(delivery, hits, judged([_hit(one) for one in hits], handed_over), mailed)


def _noticed(one: Waiting) -> UUID | None:
    """The delivery that was opened or clicked."""
    return one.feedback.delivery_id if one.feedback.kind in NOTICED else None


def _hit(one: Kept) -> Hit:
    link = one.told.get("link")
    counted = link if isinstance(link, int) and one.kind is Kind.CLICKED else 0
    source, code = (str(one.told.get(name) or "") for name in ("source", "code"))
    return Hit(one.kind, one.at, counted, source, code)


def _kept(one: Waiting, delivery: UUID) -> Kept:
    """A new one, as it is kept by now."""
    feedback = one.feedback
    ours = feedback.vendor == OWN_VENDOR and isinstance(feedback.raw, dict)
    return Kept(
        delivery, *one.key, feedback.kind, feedback.occurred_at,
        feedback.raw if ours else {}, None, "",
    )  # fmt: skip
