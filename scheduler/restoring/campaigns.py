"""Campaigns after a restore: what they planned since is in doubt, and none goes on by itself."""

from collections.abc import Sequence

from models.queries.campaigns import orders, runs
from models.queries.campaigns.orders import By
from models.records import Run, RunState
from scheduler.campaigns import advance, recurring
from scheduler.planning.intake import Again
from scheduler.runtime import Runtime

_WHO = "tidings"
"""Who paused them, in the audit."""
_ADVANCING = frozenset({RunState.FREEZING, RunState.FROZEN, RunState.GOING})


async def pause(runtime: Runtime, again: Again) -> int:
    """Plan what campaigns may have planned in the lost history, in doubt, then pause them.

    All that could have gone is taken to have gone: a canary passed as soon as it could. Told twice,
    or stopped in between and told again, it does the rest.

    Returns:
        How many campaigns it paused.
    """
    while await recurring.recur_again(runtime, again.until):
        pass
    while await _further(runtime, again):
        pass
    why = f"The database was restored to {again.at:%Y-%m-%dT%H:%M:%SZ}: look at what is in doubt."
    now = await runtime.database.tell_time()
    keys = sorted({run.campaign for run in await _begun(runtime, again)})
    for key in keys:
        async with runtime.database.begin() as tx:
            await tx.follow(orders.pause(key, By(_WHO, now, why)))
    return len(keys)


async def _further(runtime: Runtime, again: Again) -> int:
    found = [run for run in await _begun(runtime, again) if run.state in _ADVANCING]
    return sum([await advance.go_on(runtime, run, again.until, again) for run in found])


async def _begun(runtime: Runtime, again: Again) -> Sequence[Run]:
    """Runs of which something may have gone in the lost history."""
    found = await runtime.database.run(runs.at_work(again.until))
    return [
        run
        for run in found
        if run.starts_at <= again.until and run.state is not RunState.CANCELLING
    ]
