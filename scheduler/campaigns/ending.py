"""How runs and campaigns end: nothing of them waits any more, or they were cancelled."""

from datetime import datetime, timedelta

from delivery.campaigns.fanning import cohorts
from models.database import Transaction
from models.ids import BUCKETS
from models.queries.campaigns import campaigns, members, parts, runs
from models.queries.routing import Slice, slice_of
from models.reasons import Withdrawal
from models.records import Run, RunState
from models.states import CampaignState
from scheduler.planning.withdrawing import withdraw
from scheduler.runtime import Runtime
from scheduler.sending.gating import lock_recipients

_AT_ONCE = 500
_RUNS_AT_ONCE, _BUCKETS_AT_ONCE = 20, 64


async def finish(runtime: Runtime, run: Run, now: datetime) -> int:
    """End a run of which nothing waits any more, and its campaign with its last one."""
    if await _waits(runtime, run):
        return 0
    async with runtime.database.begin() as tx:
        campaign = await tx.run(campaigns.lock_campaign(run.campaign))
        if not await tx.run(runs.end(run.run, RunState.DONE, now)) or campaign is None:
            return 0
        others = await tx.run(runs.of_campaign(run.campaign))
        if campaign.next_at is None and all(one.ended_at for one in others):
            await tx.run(campaigns.move(run.campaign, CampaignState.FINISHED, now))
    return 1


async def cancel(runtime: Runtime, run: Run, now: datetime) -> int:
    """Cancel what waits of a run: first what is not planned yet, so that nothing comes after."""
    async with runtime.database.begin() as tx:
        await tx.run(parts.close(run.run, now))
    cancelled = 0
    for slice_ in runtime.shards.slices:
        while did := await _cancel_some(runtime, run, slice_):
            cancelled += did
    if await _waits(runtime, run):
        return cancelled  # it is being sent, or somebody decides for its recipient
    return cancelled + await runtime.database.run(runs.end(run.run, RunState.CANCELLED, now))


async def _cancel_some(runtime: Runtime, run: Run, slice_: Slice) -> int:
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        return await _withdraw(tx, run, slice_, now)


async def _withdraw(tx: Transaction, run: Run, slice_: Slice, now: datetime) -> int:
    waiting = await tx.run(members.lock_waiting(run.campaign, cohorts(run), slice_, _AT_ONCE))
    if not waiting:
        return 0
    profiles, locked = await lock_recipients(tx, waiting)
    free = [r for r in waiting if r.recipient_id in locked or r.recipient_id not in profiles]
    await withdraw(tx, free, [], Withdrawal.CAMPAIGN, now)
    return len(free)


async def forget(runtime: Runtime) -> int:
    """Forget whom runs were for that ended longer ago than history is kept."""
    now = await runtime.database.tell_time()
    before = now - timedelta(days=runtime.settings.retention_days)
    aged = await runtime.database.run(runs.aged(before, _RUNS_AT_ONCE))
    for run in aged:
        for buckets in range(0, BUCKETS, _BUCKETS_AT_ONCE):
            async with runtime.database.begin() as tx:
                for statement in parts.forget(
                    run, slice_of(range(buckets, buckets + _BUCKETS_AT_ONCE))
                ):
                    await tx.run(statement)
        await runtime.database.run(runs.forget_stages(run))
    return len(aged)


async def _waits(runtime: Runtime, run: Run) -> bool:
    for slice_ in runtime.shards.slices:
        if await runtime.database.run(members.is_waiting(run.campaign, cohorts(run), slice_)):
            return True
    return False
