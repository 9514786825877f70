"""`/v1/campaigns/{key}/launch` and what else is ordered about a campaign.

What needs approval in the console needs it here: nobody approves by a key.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header
from pydantic import BaseModel, Field

from delivery.api import approvals
from delivery.api.access import actor, allowed
from delivery.api.campaigns import FullCampaign, found, full, refused
from delivery.api.edge import TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.approving import ThresholdsError
from delivery.audiences import AudienceError, condition_of
from delivery.blame import DocumentError
from delivery.campaigns import asking
from delivery.campaigns.document import read
from delivery.campaigns.hindrances import (
    Hindrance,
    Kind as Way,
    Look,
    Review,
    hindrances,
    look,
)
from delivery.campaigns.launching import Launch, prepare
from delivery.profiles import Fault
from models import ids
from models.database import Transaction
from models.queries.campaigns import campaigns, orders
from models.queries.campaigns.around import around
from models.queries.campaigns.orders import By, NotNowError, Prepare, Standing
from models.queries.configuring.keys import ApiKey, Scope
from models.queries.planning import emit
from models.query import Story
from models.records import RunKind
from models.records.campaigns import Around
from models.states import CampaignState

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
    since. While anything stands in the way it is 409, with all of it in `errors`, as the console
    has it beside its button; where somebody else has to look first, until they did.
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
    if at.campaign.state is not CampaignState.DRAFT:
        raise _hindered(hindrances(Look(at.campaign)))
    body = read(at.campaign.document, at.known, by.now)
    there: Around = await tx.follow(around(key, body.audience, condition_of, by.now))
    asked = asking.ask(at.campaign, body, at.known, there)
    case = await approvals.case_of(tx, asked, by.now)
    review = Review(since=case.since) if case.lacks else None
    if found := hindrances(replace(look(at.campaign, body, at.known, there), review=review)):
        raise (
            case.problem() if [each.kind for each in found] == [Way.APPROVAL] else _hindered(found)
        )
    await approvals.use(tx, case, by)
    await tx.run(campaigns.launched_for(key, asked.weight))
    await tx.follow(orders.launch(key, RunKind.LAUNCH, _prepare(by), by))


def _prepare(by: By) -> Prepare:
    wanted = Launch(RunKind.LAUNCH, by.who, by.now)
    return lambda at: prepare(at.campaign.document, at.runs, at.known, wanted)


def _hindered(found: Sequence[Hindrance]) -> ProblemError:
    """All that stands in the way, each with what to do."""
    faults = [Fault(f"launch: {each.kind}", each.said) for each in found]
    return ProblemError(Kind.HINDERED, faults=faults)
