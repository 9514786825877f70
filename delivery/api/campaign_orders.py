"""`/v1/campaigns/{key}/launch` and what else is ordered about a campaign.

What needs approval in the console needs it here: nobody approves by a key.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header
from pydantic import BaseModel, Field

from delivery.api.access import actor, allowed
from delivery.api.campaigns import FullCampaign, found, full, refused
from delivery.api.edge import TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.approving import ThresholdsError, covers, in_force, is_usable, needed
from delivery.audiences import AudienceError, condition_of
from delivery.blame import DocumentError
from delivery.campaigns import asking
from delivery.campaigns.document import Known, read
from delivery.campaigns.launching import Launch, prepare
from delivery.profiles import Fault
from models import ids
from models.database import Transaction
from models.people import AuditEntry
from models.queries.audiences.weighing import weighed
from models.queries.campaigns import campaigns, orders
from models.queries.campaigns.orders import By, NotNowError, Standing
from models.queries.configuring import approvals
from models.queries.configuring.keys import ApiKey, Scope
from models.queries.console import people
from models.queries.planning import emit
from models.query import Story
from models.records import Approval, Ask, Decision, RunKind
from models.states import ApprovalState

router = APIRouter(tags=["Campaigns"])

Launcher = Annotated[ApiKey, Depends(allowed(Scope.CAMPAIGNS_LAUNCH))]
Once = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=200,
        description="The same again is answered with how it stands, and launches nothing.",
    ),
]  # fmt: skip
_REMEMBERED = timedelta(days=7)


class Reason(BaseModel):
    """Why somebody stops a campaign."""

    reason: str = Field(min_length=1, max_length=500, description="People read it.")


Stopped = Annotated[Reason, Body()]


@router.post("/v1/campaigns/{key}/launch", status_code=202)
async def launch(key: str, edge: TheEdge, by: Launcher, once: Once = None) -> FullCampaign:
    """Launch a campaign that is a draft. It returns at once; for a minute it can be taken back.

    With an `Idempotency-Key` the same again launches nothing, whatever became of the campaign
    since. Where somebody else has to look first, it is 409 until they did.
    """
    now = await edge.database.tell_time()
    async with _ordering(edge, key) as tx:
        if once is None or await _is_new(tx, by, key, once, now):
            await _launch(tx, key, By(actor(by), now))
        return await full(tx, key)


@router.post("/v1/campaigns/{key}/undo")
async def undo(key: str, edge: TheEdge, by: Launcher) -> FullCampaign:
    """Take the last launch back, while nothing of it has gone, else 409."""
    now = await edge.database.tell_time()
    async with _ordering(edge, key) as tx:
        await tx.follow(orders.undo(key, By(actor(by), now)))
        return await full(tx, key)


@router.post("/v1/campaigns/{key}/pause")
async def pause(key: str, why: Stopped, edge: TheEdge, by: Launcher) -> FullCampaign:
    """Let nothing more of it leave, within a second."""
    return await _do(edge, key, by, orders.pause, why.reason)


@router.post("/v1/campaigns/{key}/resume")
async def resume(key: str, edge: TheEdge, by: Launcher) -> FullCampaign:
    """Let it go on where it stopped."""
    return await _do(edge, key, by, orders.resume, "")


@router.post("/v1/campaigns/{key}/cancel")
async def cancel(key: str, why: Stopped, edge: TheEdge, by: Launcher) -> FullCampaign:
    """End it for good: what waits is cancelled, what was sent stays sent."""
    return await _do(edge, key, by, orders.cancel, why.reason)


async def _do(
    edge: TheEdge, key: str, by: ApiKey, order: Callable[[str, By], Story[None]], why: str
) -> FullCampaign:
    now = await edge.database.tell_time()
    async with _ordering(edge, key) as tx:
        await tx.follow(order(key, By(actor(by), now, why.strip())))
        return await full(tx, key)


@asynccontextmanager
async def _ordering(edge: TheEdge, key: str) -> AsyncIterator[Transaction]:
    """A transaction about a campaign that there is; what is refused is told as a problem."""
    try:
        async with edge.database.begin() as tx:
            await found(tx, key)
            yield tx
    except NotNowError as error:
        raise ProblemError(Kind.NOT_NOW, f"{error}.") from None
    except (AudienceError, ThresholdsError) as error:
        raise invalid(Fault("path: key", f"{error}.")) from None
    except DocumentError as error:
        raise refused(error) from None


async def _is_new(tx: Transaction, by: ApiKey, key: str, once: str, now: datetime) -> bool:
    """Whether nothing was launched under this Idempotency-Key, which is taken now."""
    name = f"launch\n{key}\n{once}"
    hashed = sha256(name.encode()).digest()
    run = ids.campaign_run_id(key, 0)
    claim = emit.Claim(by.source, name, hashed, run, now + _REMEMBERED)
    return bool(await tx.run(emit.take(claim, now)))


async def _launch(tx: Transaction, key: str, by: By) -> None:
    at: Standing = await tx.follow(orders.standing(key))
    asked = await _ask(tx, at, by.now)
    await _approved(tx, asked, by)
    await tx.run(campaigns.launched_for(key, asked.weight))
    wanted = Launch(RunKind.LAUNCH, by.who, by.now)
    prepared = orders.launch(
        key,
        RunKind.LAUNCH,
        lambda now: prepare(now.campaign.document, now.runs, _known(now), wanted),
        by,
    )
    await tx.follow(prepared)


async def _ask(tx: Transaction, at: Standing, now: datetime) -> Ask:
    body = read(at.campaign.document, _known(at), now)
    saved = None
    if body.audience:
        saved = await tx.follow(weighed(body.audience, condition_of, now))
    return asking.ask(at.campaign, body, _known(at), asking.Saved(*saved) if saved else None)


def _known(at: Standing) -> Known:
    return Known(at.topics, at.live, at.channels, at.audiences)


async def _approved(tx: Transaction, ask: Ask, by: By) -> None:
    """Go on only if it needs no approval, or enough people approved just this; uses that up."""
    wanted = needed(ask, in_force(await tx.run(approvals.THRESHOLDS.newest(1))))
    live = await tx.run(approvals.live(ask.kind, ask.subject))
    gave = 0 if live is None else await _gave(tx, live, ask, by.now)
    if gave < wanted:
        raise ProblemError(Kind.APPROVAL_NEEDED, f"{wanted} have to approve it, {gave} did.")
    if live is not None:
        await tx.run(
            approvals.move(live, ApprovalState.USED if gave else ApprovalState.VOID, by.now)
        )
    if live is not None and gave:
        told = {"approval": str(live.approval)}
        subject = f"{ask.kind} {ask.subject}"
        await tx.run(
            people.write_audit(AuditEntry(by.now, by.who, "used an approval", subject, told))
        )


async def _gave(tx: Transaction, live: Approval, ask: Ask, now: datetime) -> int:
    """How many approved just this, and not too long ago."""
    if not covers(live, ask) or not is_usable(live, now):
        return 0
    said = await tx.run(approvals.remarks([live.approval]))
    return len({one.person for one in said if one.decision is Decision.APPROVED})
