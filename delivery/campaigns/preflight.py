"""A run as it would go, for some members after others: planned, decided, counted. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from delivery.campaigns import fanning, moments
from delivery.campaigns.assigning import CANARY, TEST, stages
from delivery.campaigns.body import CampaignBody, Step
from delivery.campaigns.forecast import Forecast
from delivery.campaigns.foreseeing import Law, fates
from delivery.gate import Round
from delivery.rulebook.zones import zone_of
from models.reasons import Exclusion
from models.records import (
    Campaign,
    CampaignMember,
    Facts,
    NewDelivery,
    Profile,
    Run,
    RunState,
    StoredEvent,
    Topic,
)


@dataclass
class Preflight:
    """What is known before the first member is looked at, and what was found so far.

    Attributes:
        events: Step to the event it is.
        sizes: How many get each stage, where it is spread by that.
        found: The counts so far.
    """

    run: Run
    body: CampaignBody
    topic: Topic
    events: Mapping[str, StoredEvent]
    law: Law
    sizes: Mapping[int, int]
    found: Forecast
    _places: Counter[int] = field(default_factory=Counter)
    _addresses: set[str] = field(default_factory=set)

    def look(
        self, members: Iterable[CampaignMember], known: Mapping[str, Facts], now: datetime
    ) -> None:
        """Plan for these, decide about each of their messages, and count it."""
        going = [member for member in members if self._goes(member, known[member.recipient_id])]
        made: dict[str, list[NewDelivery]] = {}
        for one in chain.from_iterable(self._planned(going, known, now)):
            made.setdefault(one.recipient_id, []).append(one)
        for member in going:
            who = member.recipient_id
            at = Round({who: known[who]}, {self.topic.key: self.topic})
            self.found.add(fates(made.get(who, ()), at, self.law))

    def _goes(self, member: CampaignMember, facts: Facts) -> bool:
        why = member.excluded or self._excluded(facts)
        if why is not None:
            self.found.leave_out(why)
        return why is None

    def _excluded(self, facts: Facts) -> Exclusion | None:
        """Why somebody would be left out as the audience is frozen."""
        if self.run.state is not RunState.FREEZING:
            return None
        if self._moment(self.body.steps[0], facts.profile) is None:
            return Exclusion.TIME_PASSED
        channel = next((one.channel for one in self.topic.steps if one.channel != "in_app"), "")
        if addresses := facts.addresses.get(channel, ()):
            address = addresses[0].address.casefold()
            if address in self._addresses:
                return Exclusion.SAME_ADDRESS
            self._addresses.add(address)
        return None

    def _planned(
        self, members: Sequence[CampaignMember], known: Mapping[str, Facts], now: datetime
    ) -> Iterator[Iterator[NewDelivery]]:
        placed = [(member, self._place(member)) for member in members]
        opens = openings(self.body, self.run.starts_at + self.run.shift)
        for step in self.body.steps:
            timed = [
                (member, self._at(step, opens[member.stage], member, place, known))
                for member, place in placed
            ]
            event = self.events[step.key]
            sending = fanning.Sending(self.run, self.body, step.key, event, self.topic)
            yield fanning.deliveries(sending, timed, (), now)

    def _place(self, member: CampaignMember) -> int:
        self._places[member.stage] += 1
        return self._places[member.stage] - 1

    def _at(
        self, step: Step, opens: datetime, member: CampaignMember, place: int,
        known: Mapping[str, Facts],
    ) -> datetime:  # fmt: skip
        if self.body.schedule.local_at is not None:
            local = self._moment(step, known[member.recipient_id].profile)
            if local is not None:
                return local
        start, size = opens + step.after, self.sizes.get(member.stage, 0)
        return moments.spread(self.body, start, size).at(place)

    def _moment(self, step: Step, profile: Profile | None) -> datetime | None:
        zones = next(iter(self.law.rules.values())).rulebook.zones
        zone = zone_of(profile, zones).name
        first = moments.local_moment(self.body.schedule, zone, self.run.starts_at)
        return None if first is None else first + step.after


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
    if campaign.state == "draft" or campaign.next_at is not None:
        return None
    raise ValueError(
        f"{campaign.key} is {campaign.state}, nothing of it is still to begin:"
        f" see `tidings campaigns report {campaign.key}`"
    )
