"""What a campaign would come to, counted: kept with it, and held against what happened. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from delivery.campaigns.basis import Basis
from delivery.campaigns.carrying import Ways, carry, costs
from delivery.campaigns.foreseeing import Fate
from delivery.campaigns.judging import Tally
from models.states import DeliveryState as D

Outcome = tuple[str, str]
"""State and reason; the reason is empty where there is none."""


@dataclass
class Forecast:
    """Counts of a pre-flight.

    Attributes:
        run: The number of the run it foretells.
        made_at: When it was made.
        basis: What it was made of.
        audience: How many people were looked at.
        left_out: Why how many of them get nothing at all.
        outcomes: What becomes of how many messages.
        held: What how many of them wait for before that.
        hours: How many go in the hour that begins then.
        ready: Channel and hour to how many would go then if accounts took them at once.
        accounts: Account to how many it carries.
        costs: Account to what that costs, of those that have a price.
        currency: In which.
        ends_at: When the last one goes.
        others: Other news, by topic and campaign, to how many of the people it comes in the days
            between.
    """

    run: int
    made_at: datetime
    basis: Basis
    audience: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    hours: Counter[datetime] = field(default_factory=Counter)
    ready: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)
    costs: Mapping[str, Decimal] = field(default_factory=dict)
    currency: str = ""
    ends_at: datetime | None = None
    others: Counter[tuple[str, str]] = field(default_factory=Counter)

    def leave_out(self, why: str) -> None:
        """Count somebody who gets nothing."""
        self.audience += 1
        self.left_out[why] += 1

    def add(self, fates: Iterable[Fate], people: int = 1) -> None:
        """Count the messages of so many people, to whom the same happens."""
        self.audience += people
        for one in fates:
            self.outcomes[one.state, one.reason or ""] += people
            if one.held_for is not None:
                self.held[one.held_for] += people
            if one.state == D.SENT:
                hour = one.at.replace(minute=0, second=0, microsecond=0)
                self.hours[hour] += people
                self.ready[one.channel, hour] += people
                self.ends_at = max(self.ends_at or one.at, one.at)

    def carry(self, ways: Ways, currency: str) -> None:
        """Reckon with what accounts let through, and what they cost."""
        carried = carry(self.ready, ways)
        self.hours, self.accounts = carried.hours, carried.over
        every = [one for accounts in ways.accounts.values() for one in accounts]
        self.costs, self.currency = costs(carried.over, every), currency
        if carried.ends_at is not None:
            self.ends_at = max(self.ends_at or carried.ends_at, carried.ends_at)

    @property
    def sent(self) -> int:
        """How many messages go."""
        return self.outcomes[D.SENT, ""]


def as_document(found: Forecast) -> dict[str, Any]:
    """A forecast as JSON says it."""
    return {
        "run": found.run,
        "made_at": found.made_at.isoformat(),
        "basis": found.basis.as_document(),
        "audience": found.audience,
        "left_out": dict(found.left_out),
        "outcomes": [
            {"state": state, "reason": reason, "messages": number}
            for (state, reason), number in found.outcomes.most_common()
        ],
        "held": dict(found.held),
        "hours": {at.isoformat(): found.hours[at] for at in sorted(found.hours)},
        "accounts": [
            {
                "account": account,
                "messages": messages,
                "cost": None if (cost := found.costs.get(account)) is None else str(cost),
            }
            for account, messages in found.accounts.most_common()
        ],
        "cost": str(sum(found.costs.values())) if found.costs else None,
        "currency": found.currency,
        "ends_at": found.ends_at and found.ends_at.isoformat(),
        "others": [
            {"topic": topic, "campaign": campaign or None, "people": number}
            for (topic, campaign), number in found.others.most_common()
        ],
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """What was foretold of one outcome, and what happened."""

    state: str
    reason: str
    foretold: int
    happened: int

    @property
    def difference(self) -> int:
        """How many more happened; negative: fewer."""
        return self.happened - self.foretold


def difference(stored: Mapping[str, Any], happened: Tally) -> list[Compared]:
    """What was foretold against what happened; all that was handed over counts as sent.

    Args:
        stored: A forecast's document.
        happened: The counts of the run it foretold.
    """
    foretold = {(one["state"], one["reason"]): one["messages"] for one in stored["outcomes"]}
    came: Counter[Outcome] = Counter({(D.SENT, ""): happened.handed_over})
    for (state, reason), number in happened.unsent.items():
        came[state, reason] += number
    return [
        Compared(*one, foretold.get(one, 0), came[one])
        for one in sorted({*foretold, *(key for key, number in came.items() if number)})
    ]
