"""A topic says no more often than its throttle lets it."""

from datetime import datetime

from delivery.limits import throttles
from delivery.ports import Draft
from delivery.verdicts import HoldUntil, Keep, SkipBecause, Verdict
from models.reasons import Hold, Skip
from models.records import Facts, Over


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Skip or hold what is over the limit of its topic."""
    throttle = draft.topic.throttle
    if throttle is None or throttles.counter(draft) is None:
        return Keep()
    taken = throttles.inside(draft, throttle, facts, now)
    note = f"{len(taken)}/{throttle.limit}"
    if len(taken) < throttle.limit:
        return Keep(note)
    if throttle.over is Over.SKIP:
        return SkipBecause(Skip.THROTTLED, note)
    until = taken[len(taken) - throttle.limit] + throttle.window
    if draft.expires_at is not None:
        until = min(until, draft.expires_at)
    return HoldUntil(until, Hold.THROTTLE, note)


def tell(note: str) -> str:
    """How many were sent within the window, and how many may be."""
    sent, _, limit = note.partition("/")
    return f"{sent} of at most {limit} were sent within the window of its topic."
