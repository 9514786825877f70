"""The recipient's own choice comes first, then their organisation's, then the category's."""

from datetime import datetime

from delivery.classes import Gate, passes
from delivery.consent.wishes import Origin, Standing, chosen, muted
from delivery.ports import Draft
from delivery.verdicts import HoldUntil, Keep, SkipBecause, Verdict
from models.reasons import Hold, Skip
from models.records import Facts

_IN_APP = "in_app"
"""A snooze is for what interrupts; the feed waits by itself."""
_SENTENCES = {origin.value: origin.sentence for origin in Origin}


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Skip what was turned off or muted, hold what is snoozed, as far as its class obeys."""
    standing = chosen(draft.topic.category, draft.channel, facts)
    if not standing.allowed and not _passes(draft, Gate.CHOICE):
        own = standing.origin is Origin.PERSONAL
        note = f"{standing.origin} {draft.topic.category}"
        return SkipBecause(Skip.OPTED_OUT if own else Skip.NOT_OPTED_IN, note)
    if muted(draft.channel, facts) and not _passes(draft, Gate.MUTE):
        return SkipBecause(Skip.MUTED, Origin.MUTE)
    until = _snoozed_until(draft, facts, now)
    if until is not None and not _passes(draft, Gate.SNOOZE):
        return HoldUntil(until, Hold.SNOOZED)
    return Keep(_why(draft, standing))


def _passes(draft: Draft, gate: Gate) -> bool:
    return passes(draft.topic.klass, gate, mandatory=draft.topic.mandatory)


def _snoozed_until(draft: Draft, facts: Facts, now: datetime) -> datetime | None:
    """When a snooze ends, at the latest when the delivery expires; `None`: it is not snoozed.

    A test event does not wait: somebody sits there and looks.
    """
    until, expires_at = facts.snoozed_until, draft.expires_at
    if draft.channel == _IN_APP or draft.test or until is None or until <= now:
        return None
    return min(until, expires_at) if expires_at is not None and expires_at > now else until


def _why(draft: Draft, standing: Standing) -> str:
    """What the trace says of a delivery that goes: who wanted it, if anybody said so."""
    if draft.topic.mandatory and _passes(draft, Gate.CHOICE):
        return Origin.MANDATORY
    return "" if standing.origin is Origin.INSTALLATION else standing.origin


def tell(note: str) -> str:
    """Whose word it was, and about which category."""
    origin, _, category = note.partition(" ")
    said = _SENTENCES.get(origin, note)
    return f"{said} The category is {category}." if category and said != note else said
