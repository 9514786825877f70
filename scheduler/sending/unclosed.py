"""Digests that crash when they close: tried again later, and at last given up where people see it.

What they hold is lost in no case: each of it fails with its reason, as a dead letter that a person
may send again, to be collected anew.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from delivery import trace
from models.database import Transaction
from models.queries.sending import digested, digests, settling
from models.reasons import Failure
from models.records import DueRow, OpenDigest, Settlement
from models.states import DeliveryState
from scheduler.runtime import Runtime
from scheduler.sending.gating import lock_recipients
from scheduler.sending.settling import count_ends, give_back, moves, wake_followers

MOST = 5
"""Times a digest may crash before it is given up."""
_LATER = timedelta(minutes=1)
"""How long after a crash it is tried again, longer each time."""

log = structlog.get_logger()


async def crashed(runtime: Runtime, digest: OpenDigest, error: Exception, now: datetime) -> None:
    """Put a digest off, or give it up; somebody else's, or closed by now, it is left alone."""
    log.error("digest.crashed", digest=str(digest.digest_id), exc_info=error)
    async with runtime.database.begin() as tx:
        profiles, locked = await lock_recipients(tx, [digest])
        if digest.recipient_id in profiles and digest.recipient_id not in locked:
            return
        if not await tx.run(digests.lock_due([digest], now)):
            return
        times = await tx.run(digests.put_off(digest, now, _LATER))
        if times >= MOST:
            await _give_up(tx, digest, type(error).__name__, now)


async def _give_up(tx: Transaction, digest: OpenDigest, why: str, now: datetime) -> None:
    """Fail what it holds, and close it empty."""
    rows = [member.row for member in await tx.run(digested.members([digest.digest_id]))]
    await give_back(tx, rows)
    await _fail(tx, [(row, _failed(row, why)) for row in rows], now)
    if rows:
        await tx.run(digested.release(rows))
    await tx.run(digests.close([(digest, 0, None)], now))
    log.error("digest.given_up", digest=str(digest.digest_id), deliveries=len(rows), error=why)


async def _fail(tx: Transaction, ends: Sequence[tuple[DueRow, Settlement]], now: datetime) -> None:
    for statement in settling.settle([settlement for _, settlement in ends], now):
        await tx.run(statement)
    await wake_followers(tx, ends, now)
    left = moves((row for row, _ in ends), DeliveryState.COLLECTED)
    await count_ends(tx, left, ends, now)


def _failed(row: DueRow, why: str) -> Settlement:
    return Settlement(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        state=DeliveryState.FAILED,
        reason=Failure.UNCLOSED,
        detail=why,
        attempts=row.attempt,
        trace=_told(row, why),
    )


def _told(row: DueRow, why: str) -> str:
    checks = (("digest", str(Failure.UNCLOSED), why),)
    try:
        return trace.extend(row.trace, "close", checks)
    except (AttributeError, TypeError, ValueError):  # what it says may be what crashed
        return trace.start("close", checks)
