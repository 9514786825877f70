"""What decisions leave in a ledger: what was said, and the slots of counters. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from delivery.limits import caps, sameness, throttles
from delivery.ports import Draft
from delivery.verdicts import Cancel, Collect, Expire, Keep, SkipBecause, Verdict
from models.records import Cap, Facts, Ledger, Stamp

_THROTTLED = 1000
"""Slots of a throttle that are remembered: there is none with a higher limit."""
_OLDEST = caps.LONGEST + timedelta(days=2)


def after(verdict: Verdict, draft: Draft, facts: Facts, now: datetime) -> Ledger:
    """The ledger after a verdict; the same one where nothing changes.

    Who is kept takes its slots, who ends gives them back: but not while it may have arrived.
    What is collected has been said; the slots of counters its digest's message takes.
    """
    given = set() if draft.doubted or draft.delivery_id is None else {draft.delivery_id}
    match verdict:
        case Keep():
            return _taken(draft, facts, now)
        case Collect():
            return _said(draft, facts.ledger, now)
        case SkipBecause() | Expire() | Cancel():
            return given_back(facts.ledger, given)
        case _:
            return facts.ledger


def _taken(draft: Draft, facts: Facts, now: datetime) -> Ledger:
    ledger = _said(draft, facts.ledger, now)
    if draft.delivery_id is None:
        return ledger
    counting = [cap for cap in draft.rules.rulebook.caps if caps.counts(cap, draft, facts)]
    if ledger.slots is facts.ledger.slots and not counting:
        return ledger
    return merged(ledger, dict.fromkeys(counting, (Stamp(now, draft.delivery_id),)), now)


def _said(draft: Draft, ledger: Ledger, now: datetime) -> Ledger:
    if draft.delivery_id is None:
        return ledger
    if throttle := throttles.counter(draft):
        ledger = _throttled(ledger, throttle, Stamp(now, draft.delivery_id))
    if draft.content is None:
        return ledger
    window = draft.topic.same_content
    until = sameness.WINDOW if window is None else window
    said = sameness.say(ledger.said, draft.content, draft.delivery_id, until, now)
    return replace(ledger, said=said)


def _throttled(ledger: Ledger, counter: str, new: Stamp) -> Ledger:
    known = ledger.slots.get(counter, ())
    others = [each for each in known if each.delivery_id != new.delivery_id]
    return replace(ledger, slots={**ledger.slots, counter: (*others, new)[-_THROTTLED:]})


def merged(ledger: Ledger, new: Mapping[Cap, Iterable[Stamp]], now: datetime) -> Ledger:
    """The ledger with slots taken in the counters of rules; what is too old for any rule goes."""
    since = now - _OLDEST
    slots = {
        name: taken
        for name, taken in ledger.slots.items()
        if taken and taken[-1].at > since and not throttles.is_over(name, taken, now)
    }
    for cap, stamps in new.items():
        name = caps.counter(cap)
        slots[name] = caps.taken(cap, slots.get(name, ()), stamps, now)
    return replace(ledger, slots=slots)


def given_back(ledger: Ledger, deliveries: Collection[UUID]) -> Ledger:
    """The ledger without the slots of these deliveries; the same one where they have none."""
    said = ledger.said
    for delivery in deliveries:
        said = sameness.unsay(said, delivery)
    slots = {name: _without(taken, deliveries) for name, taken in ledger.slots.items()}
    if said == ledger.said and slots == ledger.slots:
        return ledger
    return replace(ledger, said=said, slots={name: taken for name, taken in slots.items() if taken})


def _without(taken: tuple[Stamp, ...], deliveries: Collection[UUID]) -> tuple[Stamp, ...]:
    return tuple(stamp for stamp in taken if stamp.delivery_id not in deliveries)
