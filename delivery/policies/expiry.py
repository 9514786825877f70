"""A message past its latest useful moment is not sent."""

from datetime import datetime

from delivery.ports import Draft
from delivery.verdicts import Expire, Keep, Verdict
from models.records import Facts


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Expire what is too late."""
    if draft.expires_at is not None and draft.expires_at <= now:
        return Expire()
    return Keep()
