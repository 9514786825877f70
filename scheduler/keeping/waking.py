"""The wake tick: reads what is forbidden, and lets go what was held back for nothing any more."""

from datetime import timedelta

from models.queries.configuring import controls, rulebooks
from models.queries.routing import Slice
from models.reasons import Hold
from scheduler.runtime import Runtime

_AT_ONCE = 2000
_BUCKETS_AT_ONCE = 16
_TAKEN_AFTER = timedelta(seconds=3)
"""After this long every worker decides by the rules that were published."""


async def keep(runtime: Runtime) -> int:
    """Look at the switches; wake what a lifted one held back, however much that is."""
    await runtime.controls.refresh(runtime.database)
    await runtime.roads.refresh(runtime.database)
    if runtime.roads.reopened:
        runtime.roads.reopened = False
        runtime.controls.lift()
    return await wake(runtime) if runtime.controls.wakes() else 0


async def wake_for_rules(runtime: Runtime) -> int:
    """Let what the rules hold be decided by the ones just published, a few buckets at a time.

    Of all workers one does it, each bucket once; stopped anywhere, the next one goes on there.
    """
    woken = 0
    while (did := await _by_rules(runtime)) is not None:
        woken += did
        runtime.queue_came.ring()
    return woken


async def _by_rules(runtime: Runtime) -> int | None:
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        place = await tx.run(rulebooks.lock_waking(now, _TAKEN_AFTER))
        if place is None:
            return None
        version, start = place
        buckets = range(start, min(start + _BUCKETS_AT_ONCE, rulebooks.ALL_WOKEN))
        woken = 0
        for together in runtime.shards.group(buckets, int):
            woken += await tx.run(rulebooks.wake_held(together, now))
        await tx.run(rulebooks.note_woken(version, buckets.stop))
        return woken


async def wake(runtime: Runtime) -> int:
    """Let all rows that were held back be looked at again; who still may not go is held anew."""
    woken = 0
    for reason in (Hold.KILL_SWITCH, Hold.PAUSED, Hold.BREAKER, Hold.REPUTATION, Hold.ACCOUNT):
        for slice_ in runtime.shards.slices:
            while did := await _some(runtime, reason, slice_):
                woken += did
                runtime.queue_came.ring()
    return woken


async def _some(runtime: Runtime, reason: Hold, slice_: Slice) -> int:
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        return await tx.run(controls.wake(reason, slice_, _AT_ONCE, now))
