"""The same content within its topic's window is one message."""

from datetime import datetime

from delivery.limits.sameness import said_until
from delivery.ports import Draft
from delivery.verdicts import Keep, SkipBecause, Verdict
from models.reasons import Skip
from models.records import Facts


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Skip what another delivery said already."""
    if draft.content is None or draft.delivery_id is None:
        return Keep()
    until = said_until(facts.ledger.said, draft.content, draft.delivery_id, now)
    if until is None:
        return Keep()
    return SkipBecause(Skip.SAME_CONTENT, f"until {until:%Y-%m-%dT%H:%M:%SZ}")


def tell(note: str) -> str:
    """From when the same may be said again."""
    return (
        f"Another message said the same; it may be said again from {note.removeprefix('until ')}."
    )
