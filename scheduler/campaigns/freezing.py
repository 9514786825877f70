"""Freezing a run: its audience is written down bucket by bucket, one row a person, once for good.

Who locks a bucket's part writes its members and marks it done in one transaction: stopped anywhere,
the bucket is frozen or it is not, and nobody freezes it twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from delivery.campaigns import assigning, moments
from delivery.campaigns.launching import planned_stages
from delivery.rulebook.zones import zone_of
from models.database import Transaction
from models.queries.campaigns import members, parts, runs
from models.queries.routing import Slice
from models.queries.sending import facts
from models.reasons import Exclusion
from models.records import CampaignMember, Reachable, RunKind, RunState
from scheduler.campaigns.audience import chosen, family_of
from scheduler.campaigns.work import Work, side_by_side

_BUCKETS_AT_ONCE = 64


async def step(work: Work) -> int:
    """Freeze some buckets, or say that all are; how much was done."""
    return await side_by_side(lambda: _batch(work)) or await _seal(work)


async def _batch(work: Work) -> int:
    for slice_ in work.runtime.shards.slices:
        async with work.runtime.database.begin() as tx:
            if did := await _some(tx, work, slice_):
                return did
    return 0


async def _some(tx: Transaction, work: Work, slice_: Slice) -> int:
    place = (work.run.run, *parts.FREEZING)
    mine = await tx.run(parts.claim(place, slice_, _BUCKETS_AT_ONCE, work.now))
    if not mine:
        return 0
    buckets = {part.bucket for part in mine}
    family = await family_of(tx, work.run)
    if any(one.state is RunState.FREEZING for one in family):
        return 0  # who is in it is not in this one: that has to be known first
    recipients = await chosen(tx, work, family, buckets)
    made = await _in_time(tx, work, _assigned(work, sorted(recipients)))
    extended = family if work.run.kind is RunKind.EXTEND else []
    frozen = await _once_each(tx, work, made, [run.run for run in extended])
    await tx.copy(members.write(work.run.run, frozen))
    await tx.run(parts.finish(place, mine, work.now))
    return len(mine)


def _assigned(work: Work, recipients: Sequence[str]) -> list[CampaignMember]:
    permanent = work.runtime.settings.campaign_holdout
    return [assigning.assign(work.body, recipient, permanent) for recipient in recipients]


async def _in_time(
    tx: Transaction, work: Work, made: Sequence[CampaignMember]
) -> Sequence[CampaignMember]:
    """Without those for whom a local time has passed, where it says to skip them."""
    schedule = work.body.schedule
    if schedule.local_at is None or schedule.late != "skip":
        return made
    profiles = await tx.run(facts.profiles([member.recipient_id for member in made]))
    zones = work.runtime.shelf.rulebook.zones

    def passed(member: CampaignMember) -> bool:
        zone = zone_of(profiles.get(member.recipient_id), zones).name
        return moments.local_moment(schedule, zone, work.run.starts_at) is None

    return [_out(each, Exclusion.TIME_PASSED) if passed(each) else each for each in made]


def _out(member: CampaignMember, why: Exclusion) -> CampaignMember:
    return replace(member, excluded=member.excluded or why)


async def _once_each(
    tx: Transaction, work: Work, made: Sequence[CampaignMember], before: Sequence[UUID]
) -> list[CampaignMember]:
    """Without those whose address somebody else of the campaign has: it gets one message.

    Runs `before` this one, which it extends, count.
    """
    channel = next((one.channel for one in work.topic.steps if one.channel != "in_app"), None)
    wanted = [member.recipient_id for member in made if member.excluded is None]
    if channel is None or not wanted:
        return list(made)
    reachable = await tx.run(facts.addresses(wanted, [channel]))
    own = _addresses(wanted, reachable, channel)
    held = {address: recipient for recipient, address in reversed(own.items())}
    await tx.run(members.take_addresses(work.run.run, held))
    holders = await tx.run(members.holders([work.run.run, *before], held))
    return [
        member
        if (address := own.get(member.recipient_id)) is None
        or holders[address] == {member.recipient_id}
        else _out(member, Exclusion.SAME_ADDRESS)
        for member in made
    ]


def _addresses(
    recipients: Iterable[str],
    reachable: Mapping[str, Mapping[str, Sequence[Reachable]]],
    channel: str,
) -> dict[str, bytes]:
    """Recipient to the hash of the address they prefer."""
    found: dict[str, bytes] = {}
    for recipient in recipients:
        addresses = reachable.get(recipient, {}).get(channel, ())
        if addresses:
            found[recipient] = members.hashed(addresses[0].address)
    return found


async def _seal(work: Work) -> int:
    """When every bucket is frozen, the run is: it is known for how many."""
    run = work.run
    async with work.runtime.database.begin() as tx:
        if await tx.run(parts.left((run.run, *parts.FREEZING))):
            return 0  # somebody works on them
        locked = await tx.run(runs.lock(run.run))
        if locked is None or locked.state is not RunState.FREEZING:
            return 0
        counted = await tx.run(members.outcomes(run.run))
        await tx.run(runs.add_stages(planned_stages(run, work.body)))
        await tx.run(runs.becomes(run.run, RunState.FROZEN, counted.get(None, 0)))
    return 1
