"""A step without a template has nothing to say."""

from datetime import datetime

from delivery.ports import Draft
from delivery.verdicts import Keep, SkipBecause, Verdict
from models.reasons import Skip
from models.records import Facts


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Skip a channel the topic has no template for."""
    return Keep() if draft.step.template else SkipBecause(Skip.NO_TEMPLATE, draft.channel)
