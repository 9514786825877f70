"""From moves between states to counts by scope."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from delivery.reputation.scopes import Mail
from models.reasons import Failure
from models.records import Counted, Counts, Kind
from models.states import HANDED_OVER, DeliveryState as D

SILENT = frozenset({"google"})
"""Receivers that tell nobody of single complaints: Gmail shows its spam rate in Postmaster Tools
alone (https://support.google.com/mail/answer/9981691)."""

_REFUSED = D.FAILED, Failure.POLICY_REFUSED
"""Refused for what we are while it was handed over: it was sent, as receivers count."""
ASKED = frozenset({*HANDED_OVER, D.FAILED, Kind.COMPLAINED, Kind.UNSUBSCRIBED})
"""The states that say anything here."""

_DEAD = frozenset({Failure.ADDRESS_REFUSED, Failure.MAILBOX_INACTIVE})

ByScope = Mapping[str, Mapping[datetime, Counts]]
"""Scope to bin of time to what was counted in it."""


def spread(counted: Iterable[Counted]) -> ByScope:
    """The counts of each scope that these moves are in."""
    counted = tuple(counted)
    telling = frozenset(one.account for one in counted if one.state == D.DELIVERED and one.entered)
    found: dict[str, dict[datetime, Counts]] = defaultdict(lambda: defaultdict(Counts))
    for one in counted:
        counts = _counts(one, telling)
        if counts:
            for scope in _names(one.sender, one.destination, one.topic, one.campaign, one.account):
                found[scope][one.at] += counts
    return found


@lru_cache(maxsize=4096)
def _names(*mail: str) -> tuple[str, ...]:
    return tuple(map(str, Mail(*mail).scopes))


def _counts(one: Counted, telling: frozenset[str]) -> Counts:
    refused = (one.state, one.reason) == _REFUSED
    # What came into one of these states never leaves them: what stays was handed over once.
    sent = one.entered - one.left if one.state in HANDED_OVER else one.entered * refused
    delivered = one.entered * (one.state == D.DELIVERED)
    bounced = one.entered * (one.state == D.BOUNCED)
    complained = one.entered * (one.state == Kind.COMPLAINED)
    said = one.left if one.state in {D.SENT, D.DELIVERED} else 0
    heard = delivered if one.account in telling else sent
    return Counts(
        sent=sent,
        delivered=delivered,
        dead=bounced * (one.reason in _DEAD),
        unclear=bounced * (one.reason == Failure.RETURNED),
        policy=one.entered * (refused or (bounced > 0 and one.reason == Failure.POLICY_REFUSED)),
        complained=complained,
        audience=0 if one.destination in SILENT else heard,
        told=said + complained + one.entered * (one.state == Kind.UNSUBSCRIBED),
    )


def together(bins: Mapping[datetime, Counts], since: datetime) -> Counts:
    """What was counted in the bins that begin at a moment or later."""
    return sum((counts for at, counts in bins.items() if at >= since), Counts())
