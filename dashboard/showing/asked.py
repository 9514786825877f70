"""What the URL of the page Deliveries asks for, in the words people read. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dashboard.showing.noticed import NOTICED
from dashboard.showing.spans import LENGTHS, Span
from dashboard.showing.words import label
from models.readings.deliveries import OfCampaign, Wanted
from models.reasons import Failure, Hold, Skip, Withdrawal
from models.records import Class
from models.states import DeliveryState

Asked = Mapping[str, Sequence[str]]
"""The parameters of a URL, by name."""

STATES = {label(state): state for state in DeliveryState}
TOLD = {words: kind for kind, words in NOTICED.items()}
REASONS = {label(reason): reason for kind in (Hold, Skip, Failure, Withdrawal) for reason in kind}
CLASSES = {label(klass): klass for klass in Class}
FILTERS = (
    "recipient", "state", "reason", "topic", "channel", "since", "class", "provider",
    "destination", "told", "of_campaign", "of_run", "of_step", "of_variant",
)  # fmt: skip


def wanted(asked: Asked, channels: Iterable[str], now: datetime) -> Wanted:
    """The deliveries that are asked for; a word that is none of ours asks for nothing.

    Args:
        asked: The URL's parameters.
        channels: The channels there are.
        now: When it is asked.
    """

    def first(name: str) -> str:
        return next(iter(asked.get(name, ())), "")

    span = first("since") or Span.DAY.value
    return Wanted(
        states=frozenset(STATES[name] for name in asked.get("state", ()) if name in STATES),
        reason=REASONS.get(first("reason")),
        channel={label(code): code for code in channels}.get(first("channel")),
        topic=first("topic") or None,
        recipient=first("recipient") or None,
        klass=CLASSES.get(first("class")),
        provider=first("provider") or None,
        destination=first("destination") or None,
        kind=TOLD.get(first("told")),
        of=of_campaign(*(first(f"of_{name}") for name in ("campaign", "run", "step", "variant"))),
        since=next((now - LENGTHS[one] for one in Span if one == span), None),
    )


def of_campaign(campaign: str, run: str, step: str, variant: str) -> OfCampaign | None:
    """The part of a campaign that is asked for, as it is written; empty: does not matter."""
    if not campaign:
        return None
    number = int(run) if run.isdecimal() else None
    return OfCampaign(campaign, number, step or None, variant or None)
