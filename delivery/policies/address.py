"""There must be an address that is not suppressed for this category."""

from datetime import datetime

from delivery.ports import Draft
from delivery.verdicts import Keep, SkipBecause, Verdict
from models.reasons import Skip
from models.records import EVERY, Facts

_NEEDS_NO_ADDRESS = "in_app"
"""The feed is the recipient's own: the id is the address."""
_NOTE = 80
"""Most characters of a note in the trace; reasons are written by people."""


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Skip who cannot be reached on this channel."""
    category = draft.topic.category
    if draft.channel == _NEEDS_NO_ADDRESS or facts.usable(draft.channel, category, now) is not None:
        return Keep()
    for address in facts.addresses.get(draft.channel, ()):
        if block := address.blocked(category, now):
            scope = "" if block.category == EVERY else f" (only {block.category})"
            return SkipBecause(Skip.SUPPRESSED, f"{block.reason}{scope}"[:_NOTE])
    return SkipBecause(Skip.NO_ADDRESS, draft.channel)
