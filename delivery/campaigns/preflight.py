"""A run as it would go, for some members after others: planned, decided, counted. Pure."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from delivery.campaigns import fanning, moments
from delivery.campaigns.assigning import CANARY, TEST, stages
from delivery.campaigns.body import CampaignBody, Step
from delivery.campaigns.forecast import Forecast
from delivery.campaigns.foreseeing import Fate, Law, fates
from delivery.campaigns.likeness import Likeness
from delivery.gate import Round
from delivery.rulebook.zones import zone_of
from models.reasons import Exclusion
from models.records import (
    Campaign,
    CampaignMember,
    Facts,
    Profile,
    Run,
    RunState,
    StoredEvent,
    Topic,
    Zones,
)
from models.states import CampaignState

_REMEMBERED = 100_000
"""Decisions that are kept for others."""


@dataclass
class Preflight:
    """What is known before the first member is looked at, and what was found so far.

    Attributes:
        events: Step to the event it is.
        sizes: How many get each stage, where it is spread by that.
        found: The counts so far.
        shares: Members who are alike are decided about once.
    """

    run: Run
    body: CampaignBody
    topic: Topic
    events: Mapping[str, StoredEvent]
    law: Law
    sizes: Mapping[int, int]
    found: Forecast
    shares: bool = True
    _places: Counter[int] = field(default_factory=Counter)
    _addresses: set[str] = field(default_factory=set)
    _decided: dict[Hashable, tuple[Fate, ...]] = field(default_factory=dict)

    def look(
        self, members: Iterable[CampaignMember], known: Mapping[str, Facts], now: datetime
    ) -> None:
        """Plan for these, decide about each of their messages, and count it."""
        came: dict[int, tuple[tuple[Fate, ...], int]] = {}
        for member in members:
            facts = known[member.recipient_id]
            why = member.excluded or self._excluded(facts)
            if why is not None:
                self.found.leave_out(why)
            else:
                fates = self._fates(member, facts, now)
                came[id(fates)] = fates, came.get(id(fates), (fates, 0))[1] + 1
        for fates, people in came.values():
            self.found.add(fates, people)

    def _fates(self, member: CampaignMember, facts: Facts, now: datetime) -> tuple[Fate, ...]:
        place = self._places[member.stage]
        self._places[member.stage] += 1
        at = [self._at(step, member.stage, place, facts) for step in self.body.steps]
        alike = self._likeness.of(member, facts, at) if self.shares else None
        decided = self._decided.get(alike)
        if decided is None:
            decided = tuple(self._decide(member, at, facts, now))
            if alike is not None:
                self._remember(alike, decided)
        return decided

    def _remember(self, alike: Hashable, decided: tuple[Fate, ...]) -> None:
        if len(self._decided) >= _REMEMBERED:
            self._decided.clear()
        self._decided[alike] = decided

    def _decide(
        self, member: CampaignMember, at: Iterable[datetime], facts: Facts, now: datetime
    ) -> Iterator[Fate]:
        made = [
            one
            for sending, moment in zip(self._sendings, at, strict=True)
            for one in fanning.deliveries(sending, [(member, moment)], (), now)
        ]
        asked = Round({member.recipient_id: facts}, {self.topic.key: self.topic})
        return fates(made, asked, self.law)

    def _excluded(self, facts: Facts) -> Exclusion | None:
        """Why somebody would be left out as the audience is frozen."""
        if self.run.state is not RunState.FREEZING:
            return None
        if self._local(facts.profile, timedelta()) is None:
            return Exclusion.TIME_PASSED
        if addresses := facts.addresses.get(self._once_over, ()):
            address = addresses[0].address.casefold()
            if address in self._addresses:
                return Exclusion.SAME_ADDRESS
            self._addresses.add(address)
        return None

    def _at(self, step: Step, stage: int, place: int, facts: Facts) -> datetime:
        if self.body.schedule.local_at is not None:
            local = self._local(facts.profile, step.after)
            if local is not None:
                return local
        return self._spreads[step.key, stage].at(place)

    def _local(self, profile: Profile | None, after: timedelta) -> datetime | None:
        """When a step goes by the recipient's clock; `None`: its time had passed."""
        if self.body.schedule.local_at is None:
            return self.run.starts_at + after
        zone = zone_of(profile, self._zones).name
        first = moments.local_moment(self.body.schedule, zone, self.run.starts_at)
        return None if first is None else first + after

    @cached_property
    def _likeness(self) -> Likeness:
        return Likeness(self.topic, self.law, tuple(self.events.values()))

    @cached_property
    def _sendings(self) -> list[fanning.Sending]:
        return [
            fanning.Sending(self.run, self.body, step.key, self.events[step.key], self.topic)
            for step in self.body.steps
        ]

    @cached_property
    def _spreads(self) -> dict[tuple[str, int], moments.Spread]:
        opens = openings(self.body, self.run.starts_at + self.run.shift)
        return {
            (step.key, stage): moments.spread(self.body, at + step.after, self.sizes.get(stage, 0))
            for step in self.body.steps
            for stage, at in opens.items()
        }

    @cached_property
    def _once_over(self) -> str:
        """The channel over which each address gets it once; empty: it goes to the feed alone."""
        return next((one.channel for one in self.topic.steps if one.channel != "in_app"), "")

    @cached_property
    def _zones(self) -> Zones:
        return next(iter(self.law.rules.values())).rulebook.zones


def openings(body: CampaignBody, start: datetime) -> dict[int, datetime]:
    """When each stage opens if nothing is wrong with the one before it."""
    found, at = {}, start
    for stage in stages(body):
        found[stage] = at
        rule = {CANARY: body.canary, TEST: body.winner}.get(stage)
        at += rule.after if rule else timedelta()
    return found


def upcoming(campaign: Campaign, before: Sequence[Run]) -> Run | None:
    """The run of a campaign that was launched and has not begun; `None`: there is none.

    Raises:
        ValueError: It is still being frozen, or nothing of the campaign is still to go.
    """
    for run in before:
        if run.state is RunState.FROZEN:
            return run
        if run.state is RunState.FREEZING:
            raise ValueError(f"the audience of {campaign.key} is being frozen: ask again soon")
    if campaign.state is CampaignState.DRAFT or campaign.next_at is not None:
        return None
    raise ValueError(
        f"{campaign.key} is {campaign.state}, nothing of it is still to begin:"
        f" see `tidings campaigns report {campaign.key}`"
    )
