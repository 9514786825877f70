"""The feedback tick: what vendors told becomes history, states, counts and suppressions.

The HTTP edge only takes events in; here they are folded, many in one transaction. An event that
comes before our own record waits for it: what we know of the sending must not be lost.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from models.database import DataError, Transaction
from models.queries.folding import doubts, feedback as history
from models.queries.folding.feedback import Waiting
from models.queries.routing import Slice
from models.states import DeliveryState
from scheduler.folding.reactions import react
from scheduler.folding.resting import Told, copy
from scheduler.folding.standing import Standing, locked
from scheduler.runtime import Runtime

AT_ONCE = 500
"""Most events of one transaction."""
LOOK_AGAIN = timedelta(seconds=2)
"""When an event is looked at again whose delivery is being sent."""

log = structlog.get_logger()


async def step(runtime: Runtime) -> int:
    """Fold what waits; how many events were settled or put off."""
    did = 0
    for slice_ in runtime.shards.slices:
        did += await _fold_some(runtime, slice_, AT_ONCE)
    return did


async def _fold_some(runtime: Runtime, slice_: Slice, limit: int) -> int:
    """A batch the database refuses is halved until the culprit is alone, which is set aside."""
    try:
        return await _fold(runtime, slice_, limit, stray=False)
    except DataError as error:
        if limit > 1:
            return await _fold_some(runtime, slice_, limit // 2)
        log.warning("feedback.unstorable", error=str(error))
        return await _fold(runtime, slice_, 1, stray=True)


async def _fold(runtime: Runtime, slice_: Slice, limit: int, *, stray: bool) -> int:
    """Fold up to so many events; as strays, without a look at what they are about."""
    now = await runtime.database.tell_time()
    catalog = await runtime.shelf.refresh(runtime.database)
    async with runtime.database.begin() as tx:
        waiting = await tx.run(history.claim(slice_, limit, now))
        if not waiting:
            return 0
        standing = Standing({}, {}, {}) if stray else await _standing(tx, waiting)
        due, early, strays = _sorted(waiting, standing)
        after = await react(tx, runtime, Told(due, standing, catalog, now))
        if strays:
            await tx.run(history.keep_unmatched(strays))
        if early:
            await tx.run(history.put_off(early, now + LOOK_AGAIN))
        if due or strays:
            await tx.run(history.forget([*due, *strays]))
    await copy(runtime, after.rests)
    for way, at, asked in after.slower:
        runtime.roads.slow_down(way, asked, at)
    runtime.roads.tell_soon(runtime.database)
    log.info("feedback.folded", events=len(due), unmatched=len(strays), early=len(early))
    return len(due) + len(strays)


async def _standing(tx: Transaction, waiting: Sequence[Waiting]) -> Standing:
    ids = sorted({one.feedback.delivery_id for one in waiting if one.feedback.delivery_id})
    if not ids:
        return Standing({}, {}, {})
    queued, settled = await locked(tx, ids)
    return Standing(queued, settled, await tx.run(doubts.count_doubts(ids)))


def _sorted(
    waiting: Sequence[Waiting], standing: Standing
) -> tuple[list[Waiting], list[Waiting], list[Waiting]]:
    """What can be folded, what came before our own record, and what is about nothing we know."""
    due: list[Waiting] = []
    early: list[Waiting] = []
    strays: list[Waiting] = []
    for one in waiting:
        delivery = one.feedback.delivery_id
        state = None if delivery is None else standing.state(delivery)
        if state is None:
            strays.append(one)
        else:
            (early if state is DeliveryState.SENDING else due).append(one)
    return due, early, strays
