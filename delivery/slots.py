"""What decisions leave in a ledger: what was said, and the slots of counters. Pure."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from delivery import sameness
from delivery.ports import Draft
from delivery.verdicts import Expire, Keep, SkipBecause, Verdict
from models.records import Ledger


def after(verdict: Verdict, draft: Draft, ledger: Ledger, now: datetime) -> Ledger:
    """The ledger after a verdict; the same one where nothing changes.

    Who is kept takes its slots, who ends gives them back: but not while it may have arrived.
    """
    match verdict:
        case Keep():
            return _taken(draft, ledger, now)
        case SkipBecause() | Expire() if not draft.doubted and draft.delivery_id is not None:
            return given_back(ledger, {draft.delivery_id})
        case _:
            return ledger


def _taken(draft: Draft, ledger: Ledger, now: datetime) -> Ledger:
    if draft.delivery_id is None or draft.content is None:
        return ledger
    window = draft.topic.same_content
    until = sameness.WINDOW if window is None else window
    said = sameness.say(ledger.said, draft.content, draft.delivery_id, until, now)
    return replace(ledger, said=said)


def given_back(ledger: Ledger, deliveries: Collection[UUID]) -> Ledger:
    """The ledger without the slots of these deliveries; the same one where they have none."""
    said = ledger.said
    for delivery in deliveries:
        said = sameness.unsay(said, delivery)
    return ledger if said == ledger.said else replace(ledger, said=said)
