"""What would become of a member's messages: decided by the gate until they end. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heapify, heappop, heappush, heapreplace

from delivery.gate import Round
from delivery.outlook import AFTER, as_earlier, due
from delivery.ports import Rules
from delivery.roads.switches import Stops
from delivery.verdicts import Cancel, HoldUntil, SkipBecause, Verdict
from models.reasons import Hold
from models.records import DueRow, NewDelivery
from models.states import DeliveryState as D

_MOST_LOOKS = 100
"""How often one message is looked at: what waits longer than that is said to wait."""


_Turn = tuple[datetime, int, DueRow]
"""When a message is looked at; the number keeps those of one moment in their order."""


@dataclass(frozen=True, slots=True)
class Law:
    """What everybody's messages are decided by.

    Attributes:
        rules: By channel.
        stops: The kill switches that are on.
    """

    rules: Mapping[str, Rules]
    stops: Stops


@dataclass(frozen=True, slots=True)
class Fate:
    """What would become of one message.

    Attributes:
        state: Where it ends, or waits without an end.
        reason: Why it is not sent.
        held_for: What it waited for last; `None`: for nothing.
        at: When that is so.
    """

    channel: str
    state: str
    reason: str | None
    held_for: str | None
    at: datetime


def fates(made: Iterable[NewDelivery], at: Round, law: Law) -> Iterator[Fate]:
    """What would become of one recipient's messages, in the order of time.

    Args:
        made: What planning made of them.
        at: What is known of the recipient; what goes takes its slots there.
        law: What decides.
    """
    queue: list[_Turn] = []
    for number, one in enumerate(made):
        if one.state == D.SCHEDULED:
            heappush(queue, (one.due_at, number, due(one, one.due_at)))
        else:
            yield Fate(one.channel, one.state, one.reason, None, one.due_at)
    looks = _MOST_LOOKS * len(queue)
    while queue and looks:
        looks -= 1
        verdict = _decide(queue[0], at, law)
        if isinstance(verdict, HoldUntil) and verdict.until > queue[0][0]:
            heapreplace(queue, _held(queue[0], verdict))
        else:
            turn = heappop(queue)
            _wake(queue, turn)
            yield _fate(turn, verdict)
    yield from (_waits(turn) for turn in queue)


def _decide(turn: _Turn, at: Round, law: Law) -> Verdict:
    now, _, row = turn
    if law.stops.stop(row):
        return HoldUntil(now, law.stops.why(row))
    decision = at.decide(row, law.rules[row.channel], now)
    if any(step.after is not None for step in decision.topic.steps):
        facts = at.facts[row.recipient_id]
        earlier = {**facts.earlier, row.delivery_id: as_earlier(row.step, decision.verdict, now)}
        at.facts[row.recipient_id] = replace(facts, earlier=earlier)
    return decision.verdict


def _wake(queue: list[_Turn], ended: _Turn) -> None:
    """What waited for the end of this one is looked at now."""
    now, _, row = ended
    if row.follower is not None:
        queue[:] = [
            (now, number, one) if one.delivery_id == row.follower else (at, number, one)
            for at, number, one in queue
        ]
        heapify(queue)


def _held(turn: _Turn, verdict: HoldUntil) -> _Turn:
    until = verdict.until
    row = replace(turn[2], held_for=verdict.reason, due_at=until, wanted_at=until)
    return until, turn[1], row


def _fate(turn: _Turn, verdict: Verdict) -> Fate:
    now, _, row = turn
    reason = verdict.reason if isinstance(verdict, HoldUntil | SkipBecause | Cancel) else None
    held_for = reason if isinstance(verdict, HoldUntil) else _waited_for(row)
    return Fate(row.channel, AFTER[type(verdict)], reason, held_for, now)


def _waits(turn: _Turn) -> Fate:
    now, _, row = turn
    return Fate(row.channel, D.SCHEDULED, row.held_for, _waited_for(row), now)


def _waited_for(row: DueRow) -> str | None:
    """What held it; that its moment had not come is no hindrance."""
    return None if row.held_for == Hold.NOT_BEFORE else row.held_for
