"""Why a campaign cannot be launched as it stands: each reason, and what to do. Pure.

The console disables its button by these words; the action behind the button, the API and the
command refuse by them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from delivery.campaigns.basis import Basis, stale
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.launching import pinned
from delivery.roads.switches import Scope, Target
from delivery.rulebook.sentences import joined
from models.records import Campaign, Switch, Topic
from models.records.campaigns import Around, Known
from models.states import CampaignState, DeliveryState


class Kind(StrEnum):
    """What stands in the way."""

    STATE = "state"
    """It was launched already, or is over."""
    ROLE = "role"
    """Who looks at it may not launch it."""
    DOCUMENT = "document"
    """Something is wrong or missing in what it says."""
    AUDIENCE = "audience"
    """Nobody would get it."""
    SWITCH = "switch"
    """A kill switch holds what it would send."""
    CAPS = "caps"
    """Its pre-flight found that caps and other rules leave nothing of it."""
    APPROVAL = "approval"
    """Somebody else has to look at it first."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One reason."""

    kind: Kind
    said: str


@dataclass(frozen=True, slots=True)
class Review:
    """The approval that a launch lacks.

    Attributes:
        by: Who may give it.
        since: When it was asked for; `None`: nobody asked yet.
    """

    by: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """All that is known of a launch before it.

    Attributes:
        allowed: Who looks may launch it.
        faults: What is wrong with its document, as people read it.
        switches: Those that hold something of it.
        members: How many belong to its audience now; `None`: that does not matter, or it has none.
        forecast: The document of a pre-flight of just this; `None`: there was none.
        review: What it lacks of approval.
    """

    campaign: Campaign
    allowed: bool = True
    faults: tuple[str, ...] = ()
    switches: tuple[Switch, ...] = ()
    members: int | None = None
    forecast: Mapping[str, Any] | None = None
    review: Review | None = None


def look(campaign: Campaign, body: CampaignBody, known: Known, around: Around) -> Look:
    """What is known of a launch whose document fits; who looks and who approved is not in it."""
    topic = known.topics[body.topic]
    basis = Basis(campaign.revision, around.version, pinned(body, topic, known.live))
    foretold = around.forecast
    counts = body.audience is not None and body.schedule.recurring is None
    return Look(
        campaign,
        switches=holding(around.switches, body, topic),
        members=around.members if counts else None,
        forecast=None if foretold is None or any(stale(foretold, basis)) else foretold,
    )


def hindrances(look: Look) -> list[Hindrance]:
    """Every reason why it cannot be launched, what weighs most first; none: it can be."""
    one = look.campaign
    if one.state is not CampaignState.DRAFT:
        return [Hindrance(Kind.STATE, f"It is {one.state}: clone it to launch it once more.")]
    return list(_all(look))


def _all(look: Look) -> Iterator[Hindrance]:
    if not look.allowed:
        yield Hindrance(Kind.ROLE, _role(look.campaign))
    for fault in look.faults:
        yield Hindrance(Kind.DOCUMENT, fault)
    if look.members == 0 and not look.faults:
        yield Hindrance(
            Kind.AUDIENCE,
            "Nobody belongs to its audience now: choose another, or see the page Audiences.",
        )
    for switch in look.switches:
        yield Hindrance(
            Kind.SWITCH,
            f"Kill switch {switch.name} is on since {switch.set_at:%Y-%m-%d %H:%M} UTC"
            f" ({switch.reason}): it has to be lifted first.",
        )
    if look.forecast is not None and (why := _nothing_goes(look.forecast)):
        yield Hindrance(Kind.CAPS, why)
    if look.review is not None:
        yield Hindrance(Kind.APPROVAL, _review(look.review))


def _role(one: Campaign) -> str:
    where = f"in the team {one.team}" if one.team else "of the whole installation"
    return f"You may not launch it: an author {where} can."


def _review(review: Review) -> str:
    whom = joined(review.by, last="or") if review.by else "somebody else"
    if review.since is None:
        return f"It needs approval by {whom}: ask for it."
    return f"It waits for approval by {whom} since {review.since:%Y-%m-%d %H:%M} UTC."


def _nothing_goes(forecast: Mapping[str, Any]) -> str | None:
    """What leaves nothing of it, where its pre-flight found that nothing goes."""
    outcomes: list[Mapping[str, Any]] = forecast["outcomes"]
    if not outcomes or any(each["state"] == DeliveryState.SENT for each in outcomes):
        return None
    told = [f"{each['messages']:,} {each['reason'] or each['state']}" for each in outcomes]
    return f"By its pre-flight nothing of it would go: {joined(told)}."


def holding(switches: Iterable[Switch], body: CampaignBody, topic: Topic) -> tuple[Switch, ...]:
    """The kill switches that hold something of a campaign, the ones set last first."""
    targets = {
        Target(Scope.ALL), Target(Scope.CLASS, topic.klass), Target(Scope.TOPIC, topic.key),
        Target(Scope.CAMPAIGN, body.key),
        *(Target(Scope.CHANNEL, step.channel) for step in topic.steps),
    }  # fmt: skip
    names = {str(target) for target in targets}
    return tuple(each for each in switches if each.name in names)


def without_approval(look: Look) -> list[Hindrance]:
    """What stands in the way even of somebody who only asks for approval."""
    return hindrances(replace(look, review=None))
