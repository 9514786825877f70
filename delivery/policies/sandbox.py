"""Outside production, and for test events, mail leaves only to allowed addresses."""

from datetime import datetime

from delivery.ports import Draft
from delivery.reach import allows
from delivery.verdicts import Keep, SkipBecause, Verdict
from models.reasons import Skip
from models.records import Facts


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Skip an address that is not on the list which applies."""
    allowed = draft.rules.test_to if draft.test else draft.rules.allow_to
    reached = facts.usable(draft.channel, draft.topic.category, now)
    if allowed is None or reached is None:
        return Keep()
    return Keep() if allows(allowed, reached.address) else SkipBecause(Skip.SANDBOX)
