"""Ending what waits and what is collected, because somebody took it back; done twice, once."""

from collections.abc import Sequence
from datetime import datetime

from delivery import trace
from models.database import Transaction
from models.queries.sending import digested, settling
from models.reasons import Withdrawal
from models.records import DueRow, Settlement
from models.states import DeliveryState
from scheduler.sending.settling import count_ends, give_back, moves, settle, wake_followers


async def withdraw(
    tx: Transaction,
    queued: Sequence[DueRow],
    members: Sequence[DueRow],
    why: Withdrawal,
    now: datetime,
) -> None:
    """Cancel locked rows of the queue, and members of open digests whose ledgers are locked."""
    await give_back(tx, [row for row in [*queued, *members] if not row.doubts])
    await settle(tx, [(row, _cancelled(row, why)) for row in queued], None, now)
    await _take_out(tx, members, why, now)


async def _take_out(
    tx: Transaction, members: Sequence[DueRow], why: Withdrawal, now: datetime
) -> None:
    """End what is collected; its digests hold less."""
    if not members:
        return
    ends = [(row, _cancelled(row, why)) for row in members]
    for statement in settling.settle([settlement for _, settlement in ends], now):
        await tx.run(statement)
    await wake_followers(tx, ends, now)
    left = moves(members, DeliveryState.COLLECTED)
    await count_ends(tx, left, ends, now)
    await tx.run(digested.release(members))


_STAGES = {
    Withdrawal.THREAD: "thread",
    Withdrawal.ERASED: "erasure",
    Withdrawal.CAMPAIGN: "campaign",
}


def _cancelled(row: DueRow, why: Withdrawal) -> Settlement:
    stage = _STAGES[why]
    check = (stage, f"cancel:{why}", "")
    return Settlement(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        state=DeliveryState.CANCELLED,
        reason=why,
        detail=None,
        attempts=row.attempt,
        trace=trace.extend(row.trace, stage, (check,)),
    )
