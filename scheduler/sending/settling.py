"""Ending deliveries: queue row gone, history written, moves and times counted, at once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from delivery.doubt import truthful
from delivery.limits.slots import given_back
from delivery.retries import Outcome
from models.database import Transaction
from models.queries.sending import counts, leases, ledgers, settling
from models.queries.sending.leases import Wait
from models.reasons import Failure
from models.records import DueRow, Move, Settlement, sender_of
from models.states import DEAD, DeliveryState
from scheduler.runtime import token as draw

_MILLISECOND = timedelta(milliseconds=1)


async def settle(
    tx: Transaction,
    ended: Sequence[tuple[DueRow, Settlement]],
    token: UUID | None,
    now: datetime,
    returned: Sequence[DueRow] = (),
) -> set[UUID]:
    """End the deliveries whose queue rows are ours: locked (no token), or under our token.

    What was under our token gives its slots back where it was not sent; with it those that this
    transaction `returned` to the queue, so that ledgers are locked once and in one order.

    Returns:
        The deliveries that were ours to end.
    """
    removed = [row for row, _ in ended]
    ours = await tx.run(settling.remove(removed, token)) if removed else set()
    mine = [(row, truthful(row, end)) for row, end in ended if row.delivery_id in ours]
    unsent = [row for row, end in mine if token is not None and end.state in DEAD]
    await give_back(tx, [*unsent, *(row for row in returned if not row.doubts)])
    if not mine:
        return ours
    for statement in settling.settle([settlement for _, settlement in mine], now):
        await tx.run(statement)
    await wake_followers(tx, mine, now)
    before = DeliveryState.SCHEDULED if token is None else DeliveryState.SENDING
    await count_ends(tx, moves((row for row, _ in mine), before), mine, now)
    return ours


async def give_back(tx: Transaction, rows: Sequence[DueRow]) -> None:
    """Take the slots of these deliveries out of their recipients' ledgers."""
    of: dict[str, set[UUID]] = {}
    for row in rows:
        if not row.test:
            of.setdefault(row.recipient_id, set()).add(row.delivery_id)
    if not of:
        return
    locked = await tx.run(ledgers.await_ledgers(of))
    after = {who: given_back(ledger, of[who]) for who, ledger in locked.items()}
    if less := {who: ledger for who, ledger in after.items() if ledger is not locked[who]}:
        await tx.run(ledgers.write_ledgers(less))


async def wake_followers(
    tx: Transaction, ended: Sequence[tuple[DueRow, Settlement]], now: datetime
) -> None:
    """Let the steps that waited for these look again; what is collected has not ended."""
    waiting = [
        row.follower
        for row, end in ended
        if row.follower is not None and end.state != DeliveryState.COLLECTED
    ]
    if waiting:
        await tx.run(leases.wake(waiting, now))


async def count_ends(
    tx: Transaction,
    left: Counter[Move],
    ended: Sequence[tuple[DueRow, Settlement]],
    now: datetime,
) -> None:
    """Count how deliveries ended, which states they left, and how long the accepted ones took."""
    real = [(row, settlement) for row, settlement in ended if not row.test]
    entered = _counted(_arrival(row, settlement) for row, settlement in real)
    batch = draw()
    await tx.copy(counts.write_moves(entered, left, batch, now))
    taken = [
        (row.channel, row.klass, (settlement.sent_at - row.created_at) / _MILLISECOND)
        for row, settlement in real
        if settlement.sent_at is not None
    ]
    await tx.copy(counts.write_latencies(taken, batch, now))


def wait(row: DueRow, outcome: Outcome, trace: str) -> Wait:
    """A row as it is put back after an outcome that is no end."""
    return Wait(
        bucket=row.bucket,
        delivery_id=row.delivery_id,
        due_at=outcome.due_at or row.due_at,
        held_for=outcome.reason,
        trace=trace,
        tries=outcome.tries,
        crashes=outcome.crashes,
        doubts=int(outcome.doubt is not None),
    )


def settlement(row: DueRow, outcome: Outcome, trace: str, attempts: int) -> Settlement:
    """How a delivery ended, before anything is said of what was sent."""
    return Settlement(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        state=outcome.state,
        reason=outcome.reason,
        detail=outcome.detail,
        attempts=attempts,
        trace=trace,
    )


def moves(rows: Iterable[DueRow], state: DeliveryState) -> Counter[Move]:
    """How many real rows of each dimension are in a state of the queue."""
    return _counted((row.topic, row.channel, row.klass, state) for row in rows if not row.test)


def _counted(places: Iterable[tuple[str, ...]]) -> Counter[Move]:
    # A batch has few of them: counting tuples costs a fraction of making a record of each.
    return Counter({Move(*place): number for place, number in Counter(places).items()})


def _arrival(row: DueRow, settlement: Settlement) -> tuple[str, ...]:
    return (
        row.topic, row.channel, row.klass, settlement.state, settlement.reason or "",
        settlement.provider or "", settlement.destination or "", settlement.account or "",
        sender_of(settlement.message_id), row.campaign or "", row.cohort,
    )  # fmt: skip


async def count_moves(
    tx: Transaction,
    rows: Sequence[DueRow],
    before: DeliveryState,
    after: DeliveryState,
    now: datetime,
) -> None:
    """Count rows that stay in the queue but change their state."""
    entered, left = moves(rows, after), moves(rows, before)
    await tx.copy(counts.write_moves(entered, left, draw(), now))


async def count_doubts(
    tx: Transaction, doubted: Iterable[tuple[DueRow, Settlement, Failure]], now: datetime
) -> None:
    """Count rows that were in doubt, and why, though by their topic's rule they go again."""
    passed = _counted(
        _arrival(row, replace(end, state=DeliveryState.IN_DOUBT, reason=why))
        for row, end, why in doubted
        if not row.test
    )
    await tx.copy(counts.write_moves(passed, passed, draw(), now))
