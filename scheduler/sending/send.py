"""The send tick: claim what is due, decide, and put the kept rows on the wire."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.database import Transaction, UnavailableError
from models.queries.sending import dispatch, leases, ledgers
from models.records import Class, DueRow
from models.states import DeliveryState
from scheduler.known.shards import visit
from scheduler.runtime import Runtime, token
from scheduler.sending import rivals
from scheduler.sending.crashes import apart, put_back
from scheduler.sending.gating import gate
from scheduler.sending.lanes import Turns
from scheduler.sending.lease import BatchLease
from scheduler.sending.settling import count_moves
from scheduler.sending.wire import Batch, carry
from scheduler.ticking.halving import halved

_BATCHES_AHEAD = 3
"""Batches of a worker process on their way at once: the next is claimed while one is sent.

As many again of critical rows alone: they never wait for the others.
"""

Claim = Callable[[Transaction], Awaitable[Sequence[DueRow]]]


async def step(runtime: Runtime, turns: Turns) -> int:
    """Claim one batch, shard after shard where there are several; how many rows were decided."""
    return await visit(runtime, lambda: _step(runtime, turns))


async def _step(runtime: Runtime, turns: Turns) -> int:
    """Claim one batch, unless enough is on the wire already."""
    full = len(runtime.wire) - len(runtime.express) >= _BATCHES_AHEAD
    if full and len(runtime.express) >= _BATCHES_AHEAD:
        return 0
    await runtime.shelf.refresh(runtime.database)
    await runtime.controls.refresh(runtime.database)
    await runtime.roads.refresh(runtime.database)
    now = await runtime.database.tell_time()
    rows: Sequence[DueRow] = []

    async def claim(tx: Transaction) -> Sequence[DueRow]:
        nonlocal rows
        ask = turns.urgent() if full else turns.ask()
        rows = await tx.run(dispatch.claim_out(ask, turns.slice(runtime.shards), now))
        return rows

    try:
        await _take(runtime, claim, now)
    except (UnavailableError, MemoryError):
        raise
    except Exception:
        if not rows:
            raise
        await _take_halves(runtime, rows, now)
    if not full:
        turns.served({row.lane for row in rows})
    return len(rows)


@dataclass(frozen=True, slots=True)
class Company:
    """Rows that are decided together.

    Attributes:
        rivals: Other due rows of their recipients, which somebody else holds.
    """

    rows: Sequence[DueRow]
    rivals: Sequence[DueRow]


async def _take(runtime: Runtime, claim: Claim, now: datetime) -> None:
    """One transaction: lock, decide, lease; then off with what the gate kept."""
    lease = BatchLease(runtime.boottime() + runtime.settings.worker_lease, runtime.boottime)
    async with runtime.database.begin() as tx:
        claimed, others = await rivals.call(tx, runtime, await claim(tx), now)
        batches = [
            await _lease(tx, runtime, Company(rows, others), lease, now) for rows in apart(claimed)
        ]
    for batch in batches:
        _start(runtime, batch)


async def _lease(
    tx: Transaction, runtime: Runtime, together: Company, lease: BatchLease, now: datetime
) -> Batch:
    """Decide about locked rows; those that are kept are ours from now on."""
    gated = await gate(tx, runtime, together.rows, now, together.rivals)
    if gated.changed:
        await tx.run(ledgers.write_ledgers(gated.to_write))
    batch = Batch(token(), gated.kept, replace(lease))
    if batch.decisions:
        claimed = [
            leases.Claimed(d.row.bucket, d.row.delivery_id, d.trace) for d in batch.decisions
        ]
        until = now + timedelta(seconds=runtime.settings.worker_lease)
        await tx.run(leases.lease(claimed, batch.token, until, now))
        ours = [decision.row for decision in batch.decisions]
        await count_moves(tx, ours, DeliveryState.SCHEDULED, DeliveryState.SENDING, now)
    return batch


def _start(runtime: Runtime, batch: Batch) -> None:
    """Off they go; critical ones apart, so that they wait for no others of their claim."""
    critical = [one for one in batch.decisions if one.row.klass is Class.CRITICAL]
    others = [one for one in batch.decisions if one.row.klass is not Class.CRITICAL]
    if critical:
        express = replace(batch, decisions=critical, lease=replace(batch.lease), urgent=True)
        runtime.spawn_express(carry(runtime, express))
    if others:
        runtime.spawn(carry(runtime, replace(batch, decisions=others)))


async def _take_halves(runtime: Runtime, rows: Sequence[DueRow], now: datetime) -> None:
    """A batch that met a bug of ours or a value nobody can read: one row of it is the culprit."""

    async def take(part: Sequence[DueRow]) -> None:
        await _take(runtime, lambda tx: tx.run(dispatch.lock_due(part, now)), now)

    async def alone(row: DueRow, error: Exception) -> None:
        await put_back(runtime, row, error, now)

    await halved(rows, take, alone)
