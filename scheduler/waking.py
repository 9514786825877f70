"""The wake tick: reads what is forbidden, and lets go what was held back for nothing any more."""

from models.queries import controls
from models.queries.routing import Slice
from models.reasons import Hold
from scheduler.runtime import Runtime

_AT_ONCE = 2000


async def keep(runtime: Runtime) -> int:
    """Look at the switches; wake what a lifted one held back, however much that is."""
    await runtime.controls.refresh(runtime.database)
    await runtime.roads.refresh(runtime.database)
    if runtime.roads.reopened:
        runtime.roads.reopened = False
        runtime.controls.lift()
    return await wake(runtime) if runtime.controls.wakes() else 0


async def wake(runtime: Runtime) -> int:
    """Let all rows that were held back be looked at again; who still may not go is held anew."""
    woken = 0
    for reason in (Hold.KILL_SWITCH, Hold.BREAKER, Hold.ACCOUNT):
        for slice_ in runtime.shards.slices:
            while did := await _some(runtime, reason, slice_):
                woken += did
                runtime.queue_came.ring()
    return woken


async def _some(runtime: Runtime, reason: Hold, slice_: Slice) -> int:
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        return await tx.run(controls.wake(reason, slice_, _AT_ONCE, now))
