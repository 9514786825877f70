"""The recipient's own choice, for each category and channel."""

from datetime import datetime

from delivery.ports import Draft
from delivery.verdicts import Keep, SkipBecause, Verdict
from models.reasons import Skip
from models.records import Facts


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Skip what was turned off, except on a mandatory topic."""
    if draft.topic.mandatory:
        return Keep("mandatory")
    if facts.allows(draft.topic.category, draft.channel):
        return Keep()
    return SkipBecause(Skip.OPTED_OUT, draft.topic.category)
