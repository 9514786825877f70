"""Rows that crashed: put back, kept apart, and the third time into quarantine."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from delivery.retries import crashed
from models.queries.sending import dispatch, leases
from models.records import DueRow
from models.states import DeliveryState
from scheduler.runtime import Runtime
from scheduler.sending.settling import settle, settlement, wait

_SMALL = 20
"""Most rows that go together after a crash."""

log = structlog.get_logger()


def apart(rows: Sequence[DueRow]) -> list[list[DueRow]]:
    """Which rows may go together, so that what kills workers is found without its neighbours.

    Those that crashed go in small company, those that crashed twice alone; others of them wait for
    the next claim.
    """
    fresh = [row for row in rows if not row.crashes]
    once = [row for row in rows if row.crashes == 1]
    more = [row for row in rows if row.crashes > 1]
    return [company for company in (fresh, once[:_SMALL], more[:1]) if company]


async def put_back(runtime: Runtime, row: DueRow, error: Exception, now: datetime) -> None:
    """Count the crash of a row that is not leased, unless somebody else has it by now."""
    log.error("delivery.crashed", delivery=str(row.delivery_id), exc_info=error)
    result = crashed(row, now, type(error).__name__)
    async with runtime.database.begin() as tx:
        if not await tx.run(dispatch.lock_due([row], now)):
            return
        if result.state is DeliveryState.SCHEDULED:
            await tx.run(leases.hold([wait(row, result, row.trace)], None, now))
        else:
            ended = settlement(row, result, row.trace, row.attempt)
            await settle(tx, [(row, ended)], None, now)
