"""Campaigns that we pause by ourselves: in the audit, and told to whoever runs things."""

from datetime import datetime

import structlog

from delivery.notices import Notice
from models.database import Transaction
from models.queries.campaigns import orders
from models.queries.campaigns.orders import By, NotNowError
from models.records import Class
from scheduler.keeping import notices
from scheduler.runtime import Runtime

STOPPED = Notice(
    "tidings.campaign",
    "A campaign is paused",
    Class.CRITICAL,
    "The campaign {{ data.campaign }} is paused",
    """
        <mj-text font-size="20px" font-weight="700">The campaign {{ data.campaign }} is
        paused</mj-text>
        <mj-text>{{ data.why }}</mj-text>
        <mj-text>What waits is held, not lost. To see how it stands, to let it go on or to end it:
        the page Campaigns of the console, or tidings campaigns.</mj-text>
""",
)

log = structlog.get_logger()


async def stop(tx: Transaction, runtime: Runtime, campaign: str, why: str, now: datetime) -> int:
    """Pause a campaign that goes; 0 when it does not go any more."""
    try:
        await tx.follow(orders.pause(campaign, By("tidings", now, why)))
    except NotNowError:
        return 0
    log.warning("campaign.stopped", campaign=campaign, why=why)
    data = {"campaign": campaign, "why": why}
    await notices.tell_operators(tx, runtime, STOPPED, data, now)
    return 1
