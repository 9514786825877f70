"""Promotional mail waits where receivers count too much against us."""

from datetime import datetime, timedelta

from delivery.ports import Draft
from delivery.reputation.scopes import Mail
from delivery.roads.destinations import destination_of
from delivery.verdicts import HoldUntil, Keep, Verdict
from models.reasons import Hold
from models.records import Facts

LOOK_AGAIN = timedelta(minutes=10)
"""A held row is looked at this often, should nobody hear that the pause is over."""
_LONGEST = 80
"""Characters of a scope's name in a note."""


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Hold what is in a paused scope; test events never wait."""
    if draft.test or draft.channel != "email" or not draft.rules.paused.stopped:
        return Keep()
    address = facts.usable(draft.channel, draft.topic.category, now)
    to = "" if address is None else destination_of(address.address)
    mail = Mail("", to, draft.topic.key, draft.campaign or "")
    scope = draft.rules.paused.stops(draft.topic.klass, mail)
    if not scope:
        return Keep()
    until = now + LOOK_AGAIN
    last = draft.expires_at
    return HoldUntil(until if last is None else min(until, last), Hold.REPUTATION, scope[:_LONGEST])


def tell(note: str) -> str:
    """The scope that is paused."""
    return f"Paused: {note}; see the page Reputation."
