"""Who was erased is not written to."""

from datetime import datetime

from delivery.ports import Draft
from delivery.verdicts import Keep, SkipBecause, Verdict
from models.pseudonyms import is_pseudonym
from models.reasons import Skip
from models.records import Facts


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Skip who is known by a pseudonym alone: the way in put it there."""
    if is_pseudonym(draft.recipient_id):
        return SkipBecause(Skip.ERASED)
    return Keep()
