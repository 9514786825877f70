"""Nobody is notified of their own doing."""

from datetime import datetime

from delivery.ports import Draft
from delivery.verdicts import Keep, SkipBecause, Verdict
from models.reasons import Skip
from models.records import Facts


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Skip the one who caused the event."""
    if draft.actor is not None and draft.actor == draft.recipient_id:
        return SkipBecause(Skip.OWN_ACTION)
    return Keep()
