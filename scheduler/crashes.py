"""A due row that meets a bug of ours: put back, and the third time into quarantine."""

from datetime import datetime

import structlog

from delivery.retries import crashed
from models.queries import dispatch, leases
from models.records import DueRow
from models.states import DeliveryState
from scheduler.runtime import Runtime
from scheduler.settling import settle, settlement, wait

log = structlog.get_logger()


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
