"""A step waits for the one before it, and is dropped when that was seen or read."""

from collections.abc import Collection
from datetime import datetime, timedelta

from delivery import sequence
from delivery.ports import Draft
from delivery.verdicts import HoldUntil, Keep, SkipBecause, Verdict
from models.reasons import Hold, Skip
from models.records import Earlier, Facts, OnUnsent, Step, Unless
from models.states import DeliveryState as D

_PENDING = {D.SCHEDULED, D.SENDING, D.COLLECTED}
_TOLD = {D.SENT, D.DELIVERED, D.DIGESTED, D.IN_DOUBT}
"""States in which the recipient was told, or may have been."""


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Hold until the one before has settled and its time is over; skip what need not follow."""
    step = draft.step
    if step.after is None or draft.event_id is None:
        return Keep()
    wanted = sequence.looked_at(draft.event_id, draft.recipient_id, draft.topic, step)
    found = [facts.earlier[one] for one in wanted if one in facts.earlier]
    if not found:  # the first step, or a day that is not kept any more
        return Keep()
    last = found[-1]
    if last.state in _PENDING:
        return HoldUntil(now + sequence.LOOK_AGAIN, Hold.PREVIOUS_STEP, last.said)
    if noticed := _noticed(step, found):
        return SkipBecause(noticed)
    return _after(step, step.after, last, now)


def _noticed(step: Step, found: Collection[Earlier]) -> Skip | None:
    if step.unless is Unless.READ and any(one.read for one in found):
        return Skip.ALREADY_READ
    if step.unless is Unless.SEEN and any(one.seen or one.read for one in found):
        return Skip.ALREADY_SEEN
    return None


def _after(step: Step, pause: timedelta, last: Earlier, now: datetime) -> Verdict:
    told = last.state in _TOLD
    if not told and step.on_unsent is OnUnsent.STOP:
        return SkipBecause(Skip.PREVIOUS_STEP_UNSENT, last.said)
    due = (last.settled_at or now) + pause
    if due > now and (told or step.on_unsent is OnUnsent.WAIT):
        return HoldUntil(due, Hold.PREVIOUS_STEP, last.said)
    return Keep(last.said)


def tell(note: str) -> str:
    """What the step before it came to."""
    step, _, state = note.partition(" ")
    return f"The step before it, {step}, was {state.replace('_', ' ')}."
