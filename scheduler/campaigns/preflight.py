"""The pre-flight of a campaign: its audience read bucket by bucket, as workers would; kept nowhere.

It takes no lock and writes nothing: what is decided meanwhile, for the same people, it may not see.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from delivery.campaigns import assigning
from delivery.campaigns.basis import Basis
from delivery.campaigns.carrying import Ways
from delivery.campaigns.document import stored
from delivery.campaigns.forecast import Forecast
from delivery.campaigns.foreseeing import Law
from delivery.campaigns.launching import Launch, event_of, prepare
from delivery.campaigns.preflight import Preflight, upcoming
from delivery.limits import caps
from delivery.ports import Rules
from models.database import Transaction
from models.ids import BUCKETS, bucket_of
from models.queries.audiences import catalog
from models.queries.audiences.members import AT_ONCE
from models.queries.campaigns import members, orders, overlaps
from models.queries.campaigns.orders import Standing
from models.queries.planning.sources import OWN_SOURCE
from models.queries.routing import slice_of
from models.queries.sending import facts, knowing, ledgers
from models.records import CampaignMember, Facts, Run, RunKind, RunState
from scheduler.campaigns.audience import everybody
from scheduler.campaigns.work import Work
from scheduler.runtime import Runtime
from scheduler.sending.gating import rules_now

_PEOPLE_AT_ONCE = 1000
_AHEAD = 2
"""So many times as many are being read while those are looked at."""
_AROUND = timedelta(days=1)
"""How long before and after it other news is looked for."""
_US = "preflight"

_Read = tuple[dict[str, Facts], Counter[tuple[str, str]]]
"""What is known of people, and what other news comes to how many of them."""
Told = Callable[[int, int], Awaitable[None]]
"""Hears how many buckets of how many are done; what it raises ends the pre-flight."""


async def foretell(runtime: Runtime, key: str, told: Told) -> Forecast:
    """What would become of a campaign's next run, or of the one that was frozen for it.

    Raises:
        ValueError: There is no such campaign, it does not fit what there is any more, or nothing
            of it is still to begin.
        AudienceError: Its audience is gone, or cannot be read.
    """
    now = await runtime.database.tell_time()
    await runtime.shelf.refresh(runtime.database)
    await runtime.controls.refresh(runtime.database)
    await runtime.roads.refresh(runtime.database)
    async with runtime.database.begin() as tx:
        at = await tx.follow(orders.standing(key))
    run = upcoming(at.campaign, at.runs) or _next(at, now)
    body = stored(run.document)
    work = Work(runtime, run, body, at.known.topics[body.topic], now)
    found = Forecast(run.number, now, await _basis(work, at.campaign.revision))
    flight = _flight(work, await _sizes(work) if body.schedule.over else {}, found)
    async for done in _buckets(work, flight):
        await told(done, BUCKETS)
    if run.state is RunState.FROZEN:
        await _count_left_out(work, found)
    found.carry(_ways(work), runtime.delivery.currency)
    return found


def _ways(work: Work) -> Ways:
    """What carries the campaign's messages, as it is set now."""
    runtime = work.runtime
    channels = {step.channel for step in work.topic.steps}
    accounts = {channel: runtime.accounts(channel) for channel in channels}
    first_day = runtime.roads.warm_ups.get(runtime.letterhead.domain)
    return Ways(accounts, runtime.roads.limits, first_day)


def _next(at: Standing, now: datetime) -> Run:
    """The run that a launch would make now, or the next occasion will."""
    moment = at.campaign.next_at
    if moment is None:
        made = prepare(at.campaign.document, at.runs, at.known, Launch(RunKind.LAUNCH, _US, now))
        if isinstance(made, Run):
            return made
        moment = made
    occasion = Launch(RunKind.OCCASION, _US, moment, occasion=moment)
    made = prepare(at.campaign.document, at.runs, at.known, occasion)
    assert isinstance(made, Run)  # noqa: S101 - for mypy: an occasion is a run
    return made


async def _basis(work: Work, revision: int) -> Basis:
    audience = work.body.audience
    saved = None if audience is None else await work.runtime.database.run(catalog.saved(audience))
    return Basis(revision, saved and saved[0], work.run.versions)


def _flight(work: Work, sizes: dict[int, int], found: Forecast) -> Preflight:
    runtime, run, body = work.runtime, work.run, work.body
    rules = {one.channel: _warm(rules_now(runtime, one.channel)) for one in work.topic.steps}
    events = {
        step.key: event_of(run, body, step, work.topic, OWN_SOURCE) for step in body.steps
    }  # fmt: skip
    law = Law(rules, runtime.controls.stops)
    return Preflight(run, body, work.topic, events, law, sizes, found)


def _warm(rules: Rules) -> Rules:
    """The rules as they are once every counter has learned: what waits for that waits seconds."""
    return replace(rules, warm=caps.counters(rules.rulebook.caps))


async def _sizes(work: Work) -> dict[int, int]:
    """How many get each stage: of an audience that is not frozen, as far as hashes tell."""
    found: Counter[int] = Counter()
    async for some in _members(work):
        found.update(member.stage for member in some if member.excluded is None)
    return found


async def _members(work: Work) -> AsyncIterator[list[CampaignMember]]:
    """Bucket range by bucket range, in the order in which they have their places."""
    for first in range(0, BUCKETS, AT_ONCE):
        buckets = range(first, min(first + AT_ONCE, BUCKETS))
        async with work.runtime.database.begin() as tx:
            found = await (_frozen if work.run.state is RunState.FROZEN else _fresh)(
                tx, work, buckets
            )
        yield sorted(found, key=lambda one: (bucket_of(one.recipient_id), one.recipient_id))


async def _frozen(tx: Transaction, work: Work, buckets: range) -> list[CampaignMember]:
    found: list[CampaignMember] = []
    for stage in assigning.stages(work.body):
        by_bucket = await tx.run(members.of_stage(work.run.run, stage, slice_of(buckets)))
        found += [member for some in by_bucket.values() for member, _ in some]
    return found


async def _fresh(tx: Transaction, work: Work, buckets: range) -> list[CampaignMember]:
    permanent = work.runtime.settings.campaign_holdout
    recipients = await everybody(tx, work, buckets)
    return [assigning.assign(work.body, one, permanent) for one in recipients]


async def _buckets(work: Work, flight: Preflight) -> AsyncIterator[int]:
    done = 0
    async for found in _members(work):
        places = range(0, len(found), _PEOPLE_AT_ONCE)
        chunks = [found[place : place + _PEOPLE_AT_ONCE] for place in places]
        read = _ahead(work, chunks)
        for number, some in enumerate(chunks, start=1):
            known, others = await anext(read)
            flight.found.others += others
            flight.look(some, known, work.now)
            yield done + AT_ONCE * number // (len(chunks) + 1)
        done += AT_ONCE
        yield min(done, BUCKETS)


async def _ahead(work: Work, chunks: Iterable[list[CampaignMember]]) -> AsyncIterator[_Read]:
    """What is known of these, chunk by chunk; Postgres reads the next while one is looked at."""
    reading: deque[asyncio.Task[_Read]] = deque()
    try:
        for some in chunks:
            reading.append(asyncio.create_task(_read(work, some)))
            if len(reading) > _AHEAD:
                yield await reading.popleft()
        while reading:
            yield await reading.popleft()
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)


async def _read(work: Work, some: Sequence[CampaignMember]) -> _Read:
    async with work.runtime.database.begin() as tx:
        known = await _known(tx, work, some)
        return known, await _others(tx, work, known)


async def _known(
    tx: Transaction, work: Work, some: Sequence[CampaignMember]
) -> dict[str, Facts]:  # fmt: skip
    who = [member.recipient_id for member in some]
    profiles = await tx.run(facts.profiles(who))
    held = await tx.run(ledgers.read_ledgers(who))
    channels = {step.channel for step in work.topic.steps}
    catalog = work.runtime.shelf.catalog
    return await tx.follow(knowing.known(catalog, who, channels, profiles, held))


async def _others(
    tx: Transaction, work: Work, known: dict[str, Facts]
) -> Counter[tuple[str, str]]:  # fmt: skip
    start = work.run.starts_at
    last = start + max(step.after for step in work.body.steps)
    return await tx.follow(
        overlaps.others(known.keys(), work.run.campaign, start - _AROUND, last + _AROUND)
    )


async def _count_left_out(work: Work, found: Forecast) -> None:
    async with work.runtime.database.begin() as tx:
        outcomes = await tx.run(members.outcomes(work.run.run))
    for why, number in outcomes.items():
        if why is not None:
            found.left_out[why] += number
            found.audience += number
