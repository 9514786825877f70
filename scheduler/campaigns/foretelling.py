"""The tick of pre-flights: what people asked for in the console is foretold by any worker.

Who takes one has it under a lease that each progress renews. A worker that is gone is heard of no
more, and another one starts over; nothing was written but the progress.
"""

import time
from datetime import timedelta

import structlog

from delivery.campaigns.forecast import as_document
from models.queries.campaigns import preflights
from models.records import PreflightAsked
from scheduler.campaigns.preflight import foretell
from scheduler.runtime import Runtime

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between looks for one."""
LEASE = timedelta(seconds=30)
_RENEWED_EVERY = 0.5
"""Seconds."""


class _GivenUpError(Exception):
    """Nobody wants it any more, or another worker has it, or we stop."""


async def step(runtime: Runtime) -> int:
    """Make the pre-flight that waits longest; how many were made."""
    now = await runtime.database.tell_time()
    one = await runtime.database.run(preflights.claim(runtime.worker, now, now + LEASE))
    if one is None:
        return 0
    began = time.monotonic()
    try:
        made = await _make(runtime, one)
    except _GivenUpError:
        await _give_up(runtime, one)
        return 0
    except ValueError as error:
        await runtime.database.run(preflights.fail(one, runtime.worker, str(error)))
        log.warning("campaign.not_foretold", campaign=one.campaign, error=str(error))
        return 0
    took = round(time.monotonic() - began, 1)
    log.info("campaign.foretold", campaign=one.campaign, kept=made, seconds=took)
    return int(made)


async def _make(runtime: Runtime, one: PreflightAsked) -> bool:
    renewed = time.monotonic()

    async def told(done: int, of: int) -> None:
        nonlocal renewed
        if runtime.stopping.is_set():
            raise _GivenUpError
        if time.monotonic() - renewed < _RENEWED_EVERY:
            return
        await _renew(runtime, one, done * 100 // of)
        renewed = time.monotonic()

    found = await foretell(runtime, one.campaign, told)
    async with runtime.database.begin() as tx:
        return await tx.follow(preflights.finish(one, runtime.worker, as_document(found)))


async def _renew(runtime: Runtime, one: PreflightAsked, done: int) -> None:
    until = await runtime.database.tell_time() + LEASE
    if not await runtime.database.run(preflights.go_on(one, runtime.worker, done, until)):
        raise _GivenUpError


async def _give_up(runtime: Runtime, one: PreflightAsked) -> None:
    """Leave it to another worker where we stop; what nobody wants any more ends."""
    over = preflights.release if runtime.stopping.is_set() else preflights.drop
    await runtime.database.run(over(one, runtime.worker))
