"""What follows when the first part of a run was watched: the next one opens, or all of it stops."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import structlog

from delivery.campaigns import judging
from delivery.campaigns.assigning import CANARY, REST, stages as stages_of
from delivery.campaigns.fanning import cohort
from models.database import Transaction
from models.queries.campaigns import campaigns, report, runs
from models.records import Stage, StageState
from models.states import CampaignState
from scheduler.campaigns import stopping
from scheduler.campaigns.work import Work

log = structlog.get_logger()


async def step(work: Work, stages: Sequence[Stage]) -> int:
    """Judge the stage of the first step that is done and was given its time."""
    first = {one.stage: one for one in stages if one.step == work.body.steps[0].key}
    order = stages_of(work.body)
    for before, after in pairwise(order):
        if first[after].opens_at is None:
            ripe = _ripe(work, first[before])
            if ripe is None or ripe > work.now:
                return 0
            return await _judge(work, first[before], first[after], ripe)
    return 0


def _ripe(work: Work, stage: Stage) -> datetime | None:
    """When the time in which a stage is watched is over; `None`: it is not done itself."""
    rule = work.body.canary if stage.stage == CANARY else work.body.winner
    if stage.state is not StageState.DONE or stage.opens_at is None or rule is None:
        return None
    return stage.opens_at + rule.after + work.run.shift


async def _judge(work: Work, stage: Stage, following: Stage, ripe: datetime) -> int:
    async with work.runtime.database.begin() as tx:
        campaign = await tx.run(campaigns.lock_campaign(work.run.campaign))
        if campaign is None or campaign.state is not CampaignState.RUNNING:
            return 0
        if stage.stage == CANARY and work.again is None and not await _watch(tx, work, stage):
            return 0
        if following.stage == REST and work.body.winner is not None:
            await _choose(tx, work)
        # In a history that was lost it is taken to have passed as soon as it could.
        at = work.now if work.again is None else ripe
        await tx.run(runs.plan_stage(work.run.run, following.stage, following.step, at))
    return 1


async def _watch(tx: Transaction, work: Work, stage: Stage) -> bool:
    """Pause the campaign where its canary fares badly; resumed by a person, it goes on.

    Returns:
        Whether enough of it is known.
    """
    canary = work.body.canary
    found = judging.tally(await _counts(tx, work, f"{work.run.number}/"))
    if not judging.is_telling(found, stage.members):
        return False
    why = canary and judging.trouble(canary, found)
    if why:
        await stopping.stop(tx, work.runtime, work.run.campaign, why, work.now)
    return True


async def _choose(tx: Transaction, work: Work) -> None:
    """Say which variant the others get."""
    rule, first = work.body.winner, work.body.steps[0].key
    if rule is None:
        return
    counts = await _counts(tx, work, cohort(work.run.number, first, ""))
    found = {
        one.key: judging.tally(
            count for count in counts if count.cohort == cohort(work.run.number, first, one.key)
        )
        for one in work.body.variants
    }
    won = judging.winner(rule, work.body.variants, found)
    await tx.run(runs.choose(work.run.run, won))
    log.info("campaign.winner", campaign=work.run.campaign, run=work.run.number, variant=won)


async def _counts(tx: Transaction, work: Work, cohorts: str) -> list[judging.Count]:
    found = await tx.run(report.counts(work.run.campaign, cohorts))
    return [judging.Count(*row) for row in found]
