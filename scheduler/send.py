"""The send tick: claim what is due, decide, and put the kept rows on the wire."""

from datetime import timedelta

from models.queries import dispatch, leases
from models.queries.routing import EVERYWHERE
from models.states import DeliveryState
from scheduler.gating import gate
from scheduler.lanes import Turns
from scheduler.lease import BatchLease, boottime
from scheduler.runtime import Runtime, token
from scheduler.settling import count_moves
from scheduler.wire import Batch, carry

_BATCHES_AHEAD = 3
"""Batches of one worker process on their way at once: the next is claimed while one is sent."""


async def step(runtime: Runtime, turns: Turns) -> int:
    """Claim one batch, unless enough is on the wire already; how many rows were decided."""
    if len(runtime.wire) >= _BATCHES_AHEAD:
        return 0
    await runtime.shelf.refresh(runtime.database)
    now = await runtime.database.tell_time()
    name, lease = token(), BatchLease(boottime() + runtime.settings.worker_lease)
    until = now + timedelta(seconds=runtime.settings.worker_lease)
    async with runtime.database.begin() as tx:
        rows = await tx.run(dispatch.claim_out(turns.ask(), EVERYWHERE, now))
        kept = (await gate(tx, runtime, rows, now)).kept
        if kept:
            claimed = [leases.Claimed(d.row.bucket, d.row.delivery_id, d.trace) for d in kept]
            await tx.run(leases.lease(claimed, name, until, now))
            ours = [decision.row for decision in kept]
            await count_moves(tx, ours, DeliveryState.SCHEDULED, DeliveryState.SENDING, now)
    turns.served({row.lane for row in rows})
    if kept:
        runtime.spawn(carry(runtime, Batch(name, kept, lease)))
    return len(rows)
