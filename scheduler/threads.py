"""The thread tick: what was taken back is cancelled while it waits or is collected.

The gate asks for tombstones itself, so that nothing is sent which was taken back a moment ago; this
tick sees to it that nobody waits for that to be told. Done twice, the second finds nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from delivery import trace
from models.database import Transaction
from models.queries import digests, settling, threads
from models.queries.routing import Slice
from models.reasons import Withdrawal
from models.records import DueRow, Settlement, Tombstone
from models.states import DeliveryState
from scheduler.gating import lock_recipients
from scheduler.runtime import Runtime
from scheduler.settling import count_ends, give_back, moves, settle, wake_followers

_AT_ONCE = 200


async def take_back(runtime: Runtime) -> int:
    """Apply all tombstones that wait for it; how many deliveries were cancelled."""
    return sum([await _all(runtime, slice_) for slice_ in runtime.shards.slices])


async def _all(runtime: Runtime, slice_: Slice) -> int:
    total = 0
    while True:
        seen = await runtime.database.run(threads.unapplied(slice_, _AT_ONCE))
        if not seen:
            return total
        now = await runtime.database.tell_time()
        async with runtime.database.begin() as tx:
            applied, cancelled = await _apply(tx, seen, now)
        total += cancelled
        if applied < _AT_ONCE:  # the rest is for recipients somebody decides for: next time
            return total


async def _apply(tx: Transaction, seen: Sequence[Tombstone], now: datetime) -> tuple[int, int]:
    """One transaction: how many tombstones were applied, and how many deliveries they ended."""
    waiting = await tx.run(threads.lock_taken_back(seen))
    profiles, locked = await lock_recipients(tx, seen)
    free = [t for t in seen if t.recipient_id in locked or t.recipient_id not in profiles]
    if not free:
        return 0, 0
    ours = {tombstone.recipient_id for tombstone in free}
    queued = [row for row in waiting if row.recipient_id in ours]
    members = await tx.run(digests.taken_back(free))
    await give_back(tx, [row for row in [*queued, *members] if not row.doubts])
    await settle(tx, [(row, _cancelled(row)) for row in queued], None, now)
    await _take_out(tx, members, now)
    await tx.run(threads.mark_applied(free, now))
    return len(free), len(queued) + len(members)


async def _take_out(tx: Transaction, members: Sequence[DueRow], now: datetime) -> None:
    """End what is collected; its digests hold less."""
    if not members:
        return
    ends = [(row, _cancelled(row)) for row in members]
    for statement in settling.settle([settlement for _, settlement in ends], now):
        await tx.run(statement)
    await wake_followers(tx, ends, now)
    left = moves(members, DeliveryState.COLLECTED)
    await count_ends(tx, left, ends, now)
    await tx.run(digests.release(members))


def _cancelled(row: DueRow) -> Settlement:
    check = ("thread", f"cancel:{Withdrawal.THREAD}", "")
    return Settlement(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        state=DeliveryState.CANCELLED,
        reason=Withdrawal.THREAD,
        detail=None,
        attempts=row.attempt,
        trace=trace.extend(row.trace, "thread", (check,)),
    )
