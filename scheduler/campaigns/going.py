"""A run that goes out: its stages open when their moment has come, and are planned by bucket.

Who locks a bucket's part writes the deliveries of everybody in it and marks it done in one
transaction; their ids are computed. So nothing that is interrupted, repeated or done by two workers
at once writes to anybody twice, and what is not done can be seen.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from delivery.campaigns import fanning, moments
from delivery.campaigns.launching import event_of, later_steps
from delivery.rulebook.zones import zone_of
from models import ids
from models.database import Transaction
from models.queries.campaigns import campaigns, members, parts, runs
from models.queries.campaigns.members import Zoned
from models.queries.planning import events, intake
from models.queries.planning.sources import OWN_SOURCE
from models.queries.routing import Slice, slice_of
from models.records import (
    CampaignMember,
    Key,
    NewEvent,
    OutboxRow,
    Part,
    Profile,
    RunState,
    Stage,
    StageState,
    StoredEvent,
)
from models.states import CampaignState, EventState
from scheduler.campaigns.work import Work, side_by_side
from scheduler.keeping.partitions import ensure_day
from scheduler.planning.intake import ROW_KEYS_LIVE, write_planned
from scheduler.restoring.restore import doubt_planned

_BUCKETS_AT_ONCE = 8
_SOON = timedelta(minutes=2)
"""How long before their moment the deliveries of a part are planned."""


async def begin(work: Work) -> int:
    """Let a frozen run go whose moment has come; from now on its launch cannot be taken back."""
    async with work.runtime.database.begin() as tx:
        campaign = await tx.run(campaigns.lock_campaign(work.run.campaign))
        run = await tx.run(runs.lock(work.run.run))
        if run is None or run.state is not RunState.FROZEN or campaign is None:
            return 0
        if campaign.state is CampaignState.SCHEDULED:
            await tx.run(campaigns.move(campaign.key, CampaignState.RUNNING, work.now))
        await tx.run(runs.becomes(run.run, RunState.GOING))
    return 1


async def step(work: Work, stages: Sequence[Stage]) -> int:
    """Open what is due, plan some buckets of what is open; how much was done."""
    did = 0
    for stage in stages:
        if stage.state is StageState.WAITING and stage.opens_at and stage.opens_at <= work.now:
            did += await _open(work, stage)
        elif stage.state is StageState.OPEN:
            did += await _plan(work, stage)
    return did


async def _open(work: Work, stage: Stage) -> int:
    """Open every bucket that has members of this stage, each when its first message may go."""
    run, now = work.run, work.now
    event = event_of(run, work.body, work.step(stage.step), work.topic, OWN_SOURCE)
    await ensure_day(work.runtime, ids.place_of(event.event_id).day)
    async with work.runtime.database.begin() as tx:
        locked = await tx.run(runs.lock_stage(stage))
        if locked is None or locked.state is not StageState.WAITING:
            return 0
        sizes = await tx.run(members.sizes(run.run, stage.stage))
        spread = moments.spread(work.body, stage.opens_at or now, sum(sizes.values()))
        opening, before = {}, 0
        for bucket, size in sizes.items():
            opening[bucket] = before, spread.at(before) - _SOON
            before += size
        if opening:
            await tx.run(parts.add((run.run, stage.step, stage.stage), opening))
        await tx.run(runs.stage_becomes(stage, StageState.OPEN, before))
        if stage.step == work.body.steps[0].key:
            for key, at in later_steps(work.body, stage.opens_at or now).items():
                await tx.run(runs.plan_stage(run.run, stage.stage, key, at))
        await _write(tx, work, event, ids.campaign_step_id(run.run, stage.step))
    return 1


async def _write(tx: Transaction, work: Work, event: StoredEvent, outbox_id: UUID) -> None:
    """Write the event of a step, as who takes its key does; its stages share it."""
    bucket, day = ids.place_of(event.event_id)
    name = ids.row_key(outbox_id)
    key = Key(
        bucket, OWN_SOURCE, name, outbox_id, event.event_id, day, b"", work.now + ROW_KEYS_LIVE
    )
    if await tx.run(intake.take_keys([key], work.now)):
        await tx.copy(events.write_events([_kept(work, event, outbox_id)], work.now))


def _kept(work: Work, event: StoredEvent, outbox_id: UUID) -> NewEvent:
    """The event as history keeps it; its recipients are counted as they are planned."""
    bucket, day = ids.place_of(event.event_id)
    row = OutboxRow(
        id=outbox_id, topic=event.topic, recipients=None, audience=work.body.audience,
        data=event.data, dedup_key=None, actor=None, thread=None, priority=None, not_before=None,
        expires_at=None, tags=None, locale=None, tenant=None, traceparent=None, test=False,
        created_at=event.created_at,
    )  # fmt: skip
    return NewEvent(
        event_id=event.event_id, bucket=bucket, day=day, source=OWN_SOURCE, row=row,
        state=EventState.PLANNED, priority=event.priority, recipient_count=0, recipients=None,
        extras=event.extras,
    )  # fmt: skip


async def _plan(work: Work, stage: Stage) -> int:
    """Plan some buckets of an open stage, or say that all are."""
    event = event_of(work.run, work.body, work.step(stage.step), work.topic, OWN_SOURCE)
    await ensure_day(work.runtime, ids.day_of(event.created_at))
    did = await side_by_side(lambda: _batch(work, stage, event))
    return did or await _close(work, stage)


async def _batch(work: Work, stage: Stage, event: StoredEvent) -> int:
    for slice_ in work.runtime.shards.slices:
        async with work.runtime.database.begin() as tx:
            did = await _some(tx, work, stage, event, slice_)
        if did:
            work.runtime.queue_came.ring()
            return did
    return 0


async def _some(
    tx: Transaction, work: Work, stage: Stage, event: StoredEvent, slice_: Slice
) -> int:
    place = (work.run.run, stage.step, stage.stage)
    mine = await tx.run(parts.claim(place, slice_, _BUCKETS_AT_ONCE, work.now))
    if not mine:
        return 0
    buckets = slice_of(part.bucket for part in mine)
    found = await tx.run(members.of_stage(work.run.run, stage.stage, buckets))
    timed = [one for part in mine for one in _timed(work, stage, part, found[part.bucket])]
    reached = await _reached(tx, work, [member for member, _ in timed], stage)
    sending = fanning.Sending(work.run, work.body, stage.step, event, work.topic)
    planned = list(fanning.deliveries(sending, timed, reached, work.now))
    await write_planned(tx, planned, work.now)
    if work.again is not None:
        topics, now = {work.topic.key: work.topic}, await work.runtime.database.tell_time()
        await doubt_planned(tx, planned, topics, work.again.until, now)
    await tx.run(parts.finish(place, mine, work.now))
    await tx.run(events.count_recipients(event.event_id, len(timed)))
    return len(mine)


def _timed(
    work: Work, stage: Stage, part: Part, found: Sequence[Zoned]
) -> list[tuple[CampaignMember, datetime]]:
    """The members of a part, and when it goes to each."""
    start = (stage.opens_at or work.now) + work.run.shift
    spread = moments.spread(work.body, start, stage.members)
    return [
        (member, _local(work, stage, profile) or spread.at(part.place + number))
        for number, (member, profile) in enumerate(found)
    ]


def _local(work: Work, stage: Stage, profile: Profile | None) -> datetime | None:
    schedule = work.body.schedule
    if schedule.local_at is None:
        return None
    zone = zone_of(profile, work.runtime.shelf.rulebook.zones).name
    first = moments.local_moment(schedule, zone, work.run.starts_at)
    return None if first is None else first + work.step(stage.step).after


async def _reached(
    tx: Transaction, work: Work, found: Sequence[CampaignMember], stage: Stage
) -> set[str]:
    """Those who did already what the campaign is for: they get no further step."""
    goal = work.body.goal
    if goal is None or not goal.stop or stage.step == work.body.steps[0].key or not found:
        return set()
    who = [member.recipient_id for member in found]
    return await tx.run(members.reached(who, goal.conversion, work.run.starts_at))


async def _close(work: Work, stage: Stage) -> int:
    """A stage is done when all its parts are; a run, when all its stages are."""
    place = (work.run.run, stage.step, stage.stage)
    async with work.runtime.database.begin() as tx:
        if await tx.run(parts.left(place)):
            return 0  # somebody works on them, or their moment has not come
        locked = await tx.run(runs.lock_stage(stage))
        if locked is None or locked.state is not StageState.OPEN:
            return 0
        await tx.run(runs.stage_becomes(stage, StageState.DONE))
    return 1
