"""What a later event of its thread took back is not sent."""

from datetime import datetime

from delivery.ports import Draft
from delivery.verdicts import Cancel, Keep, Verdict
from models.reasons import Withdrawal
from models.records import Facts


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Cancel what happened no later than the event that took it back."""
    if draft.thread is None or draft.created_at is None:
        return Keep()
    until = facts.cancelled.get((draft.topic.key, draft.thread))
    if until is None or draft.created_at > until:
        return Keep()
    return Cancel(Withdrawal.THREAD, until.isoformat(timespec="seconds"))


def tell(note: str) -> str:
    """Until when its thread was taken back."""
    return f"What happened until {note} was taken back."
