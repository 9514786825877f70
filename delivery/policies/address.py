"""There must be an address, and it must not be suppressed."""

from datetime import datetime

from delivery.ports import Draft
from delivery.verdicts import Keep, SkipBecause, Verdict
from models.reasons import Skip
from models.records import Facts

_NEEDS_NO_ADDRESS = "in_app"
"""The feed is the recipient's own: the id is the address."""


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Skip who cannot be reached on this channel."""
    if draft.channel == _NEEDS_NO_ADDRESS or facts.usable(draft.channel, now) is not None:
        return Keep()
    known = facts.addresses.get(draft.channel, ())
    if not known:
        return SkipBecause(Skip.NO_ADDRESS, draft.channel)
    return SkipBecause(Skip.SUPPRESSED, known[0].suppressed_for or "")
