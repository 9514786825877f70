"""The campaign tick: every run that is at work comes one batch further.

Each step reads what is not done, does some of it and says so in one transaction. There is no
cursor: any worker goes on where any other one stopped.
"""

from datetime import datetime

import structlog
from pydantic import ValidationError

from delivery.audiences import AudienceError
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import stored
from models.queries.campaigns import runs
from models.records import Run, RunState, StageState
from scheduler.campaigns import ending, freezing, going, judging, stopping
from scheduler.campaigns.work import Work
from scheduler.planning.intake import Again
from scheduler.runtime import Runtime

log = structlog.get_logger()


async def step(runtime: Runtime) -> int:
    """One batch of each run; how much was done."""
    now = await runtime.database.tell_time()
    found = await runtime.database.run(runs.at_work(now))
    return sum([await _advance(runtime, run, now) for run in found])


async def _advance(runtime: Runtime, run: Run, now: datetime) -> int:
    if run.state is RunState.CANCELLING:
        return await ending.cancel(runtime, run, now)
    if run.state is RunState.PLANNED:
        return await ending.finish(runtime, run, now)
    return await go_on(runtime, run, now)


async def go_on(runtime: Runtime, run: Run, now: datetime, again: Again | None = None) -> int:
    """Freeze or plan some more of a run; how much was done.

    Args:
        runtime: What it runs on.
        run: One that is not planned yet.
        now: The moment it is looked at.
        again: After a restore: what is planned may have gone before it.
    """
    await runtime.shelf.refresh(runtime.database)
    body, topic = _document(run), runtime.shelf.catalog.topics.get(run.document["topic"])
    if body is None or topic is None:
        return 0
    try:
        return await _further(Work(runtime, run, body, topic, now, again))
    except AudienceError as error:
        why = f"Its audience cannot be frozen: {error}"
        async with runtime.database.begin() as tx:
            return await stopping.stop(tx, runtime, run.campaign, why, now)


def _document(run: Run) -> CampaignBody | None:
    try:
        return stored(run.document)
    except ValidationError:
        log.exception("campaign.unreadable", campaign=run.campaign, run=run.number)
        return None


async def _further(at: Work) -> int:
    if at.run.state is RunState.FREEZING:
        return await freezing.step(at)
    if at.run.state is RunState.FROZEN:
        return await going.begin(at)
    stages = await at.runtime.database.run(runs.stages(at.run.run))
    if all(stage.state is StageState.DONE for stage in stages):
        await at.runtime.database.run(runs.becomes(at.run.run, RunState.PLANNED))
        return 1
    return await judging.step(at, stages) + await going.step(at, stages)
