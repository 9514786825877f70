"""The tick of recurring campaigns: when a moment of one has come, a run is launched for it.

The campaign's row says when that is; of each moment there is one run, whoever sees it come. Moments
that nobody saw, because every worker was away, are made up for by one run.
"""

from datetime import datetime

from delivery.approving import in_force
from delivery.audiences import condition_of
from delivery.campaigns import asking
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import stored
from delivery.campaigns.launching import Launch, prepare
from models.database import Transaction
from models.queries.audiences.weighing import weighed
from models.queries.campaigns import campaigns, naming, orders, runs
from models.queries.campaigns.orders import By
from models.queries.configuring import approvals
from models.records import Campaign, Run, RunKind
from models.records.campaigns import Known
from scheduler.campaigns import stopping
from scheduler.runtime import Runtime

_AT_ONCE = 20
_US = "schedule"
"""Who launched it, in the run."""


async def recur(runtime: Runtime) -> int:
    """Launch what is due; how many campaigns."""
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        due = await tx.run(campaigns.lock_due(now, _AT_ONCE))
        for campaign in due:
            await _launch(tx, runtime, campaign, By(_US, now))
    return len(due)


async def recur_again(runtime: Runtime, until: datetime) -> int:
    """After a restore: launch at its moment what was due until then; how many, at most once each.

    Told until there is none left, each moment has the run again that it had.
    """
    async with runtime.database.begin() as tx:
        due = await tx.run(campaigns.lock_due(until, _AT_ONCE))
        for campaign in due:
            await _launch(tx, runtime, campaign, By(_US, campaign.next_at or until))
    return len(due)


async def _launch(tx: Transaction, runtime: Runtime, campaign: Campaign, by: By) -> None:
    before = await tx.run(runs.of_campaign(campaign.key))
    known = await tx.follow(naming.known(campaign.document))
    wanted = Launch(RunKind.OCCASION, by.who, by.now, occasion=campaign.next_at)
    try:
        made = prepare(campaign.document, before, known, wanted)
        body = stored(campaign.document)
        if why := await _outgrown(tx, campaign, body, known, by):
            await stopping.stop(tx, runtime, campaign.key, why, by.now)
            return
    except ValueError as error:
        await stopping.stop(tx, runtime, campaign.key, f"It cannot go as it is: {error}", by.now)
        return
    if isinstance(made, Run):
        await tx.follow(orders.begin(made, by))
    recurring = body.schedule.recurring
    following = None if recurring is None else recurring.after(by.now)
    await tx.run(campaigns.set_next(campaign.key, following))


async def _outgrown(
    tx: Transaction, campaign: Campaign, body: CampaignBody, known: Known, by: By
) -> str | None:
    """Why an occasion has to be looked at, though the launch was approved; `None`: it may go.

    Raises:
        ValueError: Its audience, or what needs approval, cannot be read.
    """
    if body.audience is None:
        return None
    _, members = await tx.follow(weighed(body.audience, condition_of, by.now))
    thresholds = in_force(await tx.run(approvals.THRESHOLDS.newest(1)))
    if not asking.outgrown(campaign, body, known.topics[body.topic], members, thresholds):
        return None
    return (
        f"Its audience has grown from {campaign.launched_for:,} to {members:,}: more people have"
        " to approve that. Make it smaller and resume, or launch a copy of the campaign."
    )
