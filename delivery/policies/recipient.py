"""Only known recipients are written to."""

from datetime import datetime

from delivery.ports import Draft
from delivery.verdicts import Keep, SkipBecause, Verdict
from models.reasons import Skip
from models.records import Facts


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Skip a recipient nobody told us about."""
    return Keep() if facts.profile is not None else SkipBecause(Skip.UNKNOWN_RECIPIENT)
