"""The thread tick: what was taken back is cancelled while it waits or is collected.

The gate asks for tombstones itself, so that nothing is sent which was taken back a moment ago; this
tick sees to it that nobody waits for that to be told. Done twice, the second finds nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from models.database import Transaction
from models.queries.planning import threads
from models.queries.routing import Slice
from models.queries.sending import digested
from models.reasons import Withdrawal
from models.records import Tombstone
from scheduler.planning.withdrawing import withdraw
from scheduler.runtime import Runtime
from scheduler.sending.gating import lock_recipients

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
    members = await tx.run(digested.taken_back(free))
    await withdraw(tx, queued, members, Withdrawal.THREAD, now)
    await tx.run(threads.mark_applied(free, now))
    return len(free), len(queued) + len(members)
