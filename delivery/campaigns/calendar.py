"""What of campaigns goes out when: runs, moments to come, later steps, stages. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

from pydantic import ValidationError

from delivery.campaigns import moments
from delivery.campaigns.assigning import CANARY, REST, TEST
from delivery.campaigns.body import CampaignBody, Step
from delivery.campaigns.document import stored
from delivery.campaigns.preflight import openings
from models.records import Campaign, Run, RunState
from models.states import CampaignState as C

_MOST_OCCASIONS = 400
"""Moments of one campaign that are looked at: more than a month has of the closest there are."""
_OVER = {RunState.CANCELLED, RunState.CANCELLING, RunState.UNDONE}


class Part(StrEnum):
    """Which of its people a message is for."""

    ALL = "all"
    CANARY = "canary"
    TEST = "test"
    REST = "rest"


_PARTS = {CANARY: Part.CANARY, TEST: Part.TEST, REST: Part.REST}


@dataclass(frozen=True, slots=True)
class Kept:
    """A campaign as it is kept.

    Attributes:
        runs: All of them.
        size: How many belong to its audience, as far as somebody counted.
        forecast: The document of its last pre-flight.
    """

    campaign: Campaign
    runs: tuple[Run, ...] = ()
    size: int | None = None
    forecast: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a campaign to some of its people.

    Attributes:
        at: When the first of it goes; by local time, in the first zone of the world.
        people: How many get it; `None`: nobody counted.
        run: The number of its run; `None`: it was not launched for that moment yet.
        local: It goes when it is that time where each recipient is.
    """

    campaign: Campaign
    body: CampaignBody
    step: str
    part: Part
    at: datetime
    people: int | None
    run: int | None
    local: bool

    @property
    def name(self) -> tuple[str, int | None, str, str, datetime]:
        """What no other one has."""
        return self.campaign.key, self.run, self.step, self.part, self.at

    @property
    def is_draft(self) -> bool:
        """Nobody launched it: it goes then only if somebody does."""
        return self.campaign.state is C.DRAFT


def entries(kept: Iterable[Kept], since: datetime, until: datetime, now: datetime) -> list[Entry]:
    """All that goes out from a moment to another one, in the order of time.

    Args:
        kept: The campaigns.
        since: The first moment.
        until: The first one after it.
        now: What recurs is looked for from here on.
    """
    found = [entry for one in kept for entry in _of(one, until, now) if since <= entry.at < until]
    return sorted(found, key=lambda entry: (entry.at, entry.campaign.key, entry.step))


def _of(one: Kept, until: datetime, now: datetime) -> Iterator[Entry]:
    for run in one.runs:
        if run.state not in _OVER and (body := _read(run.document)) is not None:
            size = one.size if run.eligible is None else run.eligible
            yield from _begun(one.campaign, body, run.starts_at + run.shift, size, run.number)
    if one.campaign.state in {C.CANCELLED, C.FINISHED}:
        return
    body = _read(one.campaign.document)
    if body is not None:
        for start in _planned(one.campaign, body, until, now):
            yield from _begun(one.campaign, body, start, _expected(one, body), None)


def _read(document: Mapping[str, Any]) -> CampaignBody | None:
    """What a document says; one that an older version wrote, and nobody can read, says nothing."""
    try:
        return stored(document)
    except ValidationError:
        return None


def _planned(
    campaign: Campaign, body: CampaignBody, until: datetime, now: datetime
) -> Iterator[datetime]:
    """When it begins as nobody launched it yet: moments of what recurs, the one of a draft."""
    recurring = body.schedule.recurring
    if recurring is not None and (campaign.next_at or campaign.state is C.DRAFT):
        at = campaign.next_at or recurring.after(now)
        for _ in range(_MOST_OCCASIONS):
            if at is None or at >= until:
                return
            yield at
            at = recurring.after(at)
    elif campaign.state is C.DRAFT and (body.schedule.at or body.schedule.local_at):
        yield moments.starts_at(body.schedule, now)


def _expected(one: Kept, body: CampaignBody) -> int | None:
    if one.forecast is not None:
        eligible: int = one.forecast["audience"] - sum(one.forecast["left_out"].values())
        return eligible
    return one.size if body.audience else len(body.recipients)


def _begun(
    campaign: Campaign, body: CampaignBody, start: datetime, size: int | None, run: int | None
) -> Iterator[Entry]:
    """Each step, and of the first one each stage: later ones are drawn as one."""
    opens = openings(body, start)
    for stage, at in opens.items():
        part = Part.ALL if len(opens) == 1 else _PARTS[stage]
        people = None if size is None else round(size * _share(body, stage))
        yield _entry(campaign, body, (body.steps[0], part, at, people, run))
    for step in body.steps[1:]:
        yield _entry(campaign, body, (step, Part.ALL, opens[REST] + step.after, size, run))


def _entry(
    campaign: Campaign,
    body: CampaignBody,
    what: tuple[Step, Part, datetime, int | None, int | None],
) -> Entry:
    step, part, at, people, run = what
    local = body.schedule.local_at is not None
    return Entry(campaign, body, step.key, part, at, people, run, local)


def _share(body: CampaignBody, stage: int) -> float:
    canary = body.canary.share / 100 if body.canary else 0.0
    test = body.winner.share / 100 if body.winner else 0.0
    return {CANARY: canary, TEST: test, REST: 1 - canary - test}[stage]


@dataclass(frozen=True, slots=True)
class Clash:
    """Messages of two campaigns that come to the same people within a day.

    Attributes:
        people: How many of them; `None`: nobody counted.
    """

    first: Entry
    second: Entry
    people: int | None


WITHIN = timedelta(days=1)


def clashes(found: list[Entry], forecasts: Mapping[str, Mapping[str, Any]]) -> list[Clash]:
    """Which of these, in the order of time, hit the same people within a day.

    Args:
        found: What goes out.
        forecasts: Campaign to its last pre-flight, which says who else gets what.
    """
    hits: list[Clash] = []
    for place, first in enumerate(found):
        for second in islice(found, place + 1, None):
            if second.at - first.at >= WITHIN:
                break
            shared = _shared(first, second, forecasts)
            if shared != 0:
                hits.append(Clash(first, second, shared))
    return hits


def _shared(first: Entry, second: Entry, forecasts: Mapping[str, Mapping[str, Any]]) -> int | None:
    """How many get both; `None`: some, but nobody counted; 0: none, as far as anybody knows."""
    if first.campaign.key == second.campaign.key:
        return 0  # whoever wrote it wanted that
    one, other = first.body, second.body
    if one.audience is None and other.audience is None:
        return len({*one.recipients} & {*other.recipients})
    if one.audience == other.audience:
        known = [entry.people for entry in (first, second) if entry.people is not None]
        return min(known, default=None)
    return max(
        _told(forecasts.get(one.key), other.key), _told(forecasts.get(other.key), one.key)
    )  # fmt: skip


def _told(forecast: Mapping[str, Any] | None, campaign: str) -> int:
    others = [] if forecast is None else forecast["others"]
    return sum(other["people"] for other in others if other["campaign"] == campaign)
