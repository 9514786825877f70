"""`/v1/campaigns`: campaigns as documents, how they stand, and what became of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import BaseModel, Field

from delivery.api.access import actor, allowed
from delivery.api.edge import TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.blame import DocumentError
from delivery.campaigns.document import as_document, read
from delivery.campaigns.judging import Count, Tally, tally
from delivery.campaigns.reporting import by_variant, eligible
from delivery.profiles import Fault
from models.database import Transaction
from models.people import AuditEntry
from models.queries.campaigns import campaigns, naming, report, runs
from models.queries.campaigns.orders import By
from models.queries.configuring.keys import ApiKey, Scope
from models.queries.console import people
from models.records import Campaign, Run
from models.states import CampaignState

router = APIRouter(tags=["Campaigns"])

Reader = Annotated[ApiKey, Depends(allowed(Scope.CAMPAIGNS_READ))]
Writer = Annotated[ApiKey, Depends(allowed(Scope.CAMPAIGNS_WRITE))]
Document = Annotated[dict[str, Any], Body(description="As docs/campaigns.md has it, as JSON.")]


class ToldRun(BaseModel):
    """One launch of a campaign, or what follows one."""

    number: int
    kind: str
    state: str
    starts_at: datetime
    ended_at: datetime | None
    eligible: int | None = Field(description="How many get it; null while it is being frozen.")


class ToldCampaign(BaseModel):
    """How a campaign stands."""

    key: str
    title: str
    topic: str
    team: str | None
    state: str
    why: str = Field(description="Why it is paused or was cancelled.")
    revision: int = Field(description="+1 at each change of its document.")
    next_at: datetime | None = Field(description="When it runs next, where it recurs.")
    updated_at: datetime


class FullCampaign(ToldCampaign):
    """The same with its document and its runs."""

    document: dict[str, Any]
    runs: list[ToldRun]


class ToldTally(BaseModel):
    """What became of some messages; whatever is not named waits."""

    states: dict[str, int] = Field(description="State to messages that wait no more.")
    opened: int = Field(description="By people, as far as one can see.")
    clicked: int
    machines: int = Field(description="Opened or followed by machines.")
    converted: int
    complained: int
    unsubscribed: int


class Report(ToldTally):
    """What became of a campaign."""

    eligible: int = Field(description="People who are to get it, in all runs.")
    waiting: dict[str, int] = Field(description="Messages that wait, by what they wait for.")
    variants: dict[str, ToldTally]


@router.get("/v1/campaigns")
async def list_campaigns(edge: TheEdge, _: Reader) -> list[ToldCampaign]:
    """All campaigns, those last changed first."""
    return [_told(one) for one in await edge.database.run(campaigns.campaigns())]


@router.get("/v1/campaigns/{key}")
async def get_campaign(key: str, edge: TheEdge, _: Reader) -> FullCampaign:
    """A campaign: its document, and how its runs stand."""
    async with edge.database.begin() as tx:
        return await full(tx, key)


@router.get("/v1/campaigns/{key}/report")
async def get_report(key: str, edge: TheEdge, _: Reader) -> Report:
    """What became of it: who was to get it, how messages ended, what people did."""
    async with edge.database.begin() as tx:
        await found(tx, key)
        known = await tx.run(runs.of_campaign(key))
        counts = [Count(*row) for row in await tx.run(report.counts(key))]
        waiting = await tx.run(report.waiting(key))
    variants = {variant: _tally(told) for variant, told in by_variant(counts).items()}
    return Report(
        **_tally(tally(counts)).model_dump(),
        eligible=eligible(known),
        waiting=waiting,
        variants=variants,
    )


@router.post("/v1/campaigns", status_code=201)
async def make_campaign(
    document: Document, edge: TheEdge, key: Writer, response: Response
) -> FullCampaign:
    """Make a campaign, as a draft. The very same again is 200; another of its key is 409."""
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        said = await _checked(tx, document, now)
        if await tx.run(campaigns.add(said, actor(key), now)):
            await _note(tx, By(actor(key), now), "made a campaign", None, said)
        elif (await found(tx, said["key"])).document == said:
            response.status_code = 200
        else:
            raise ProblemError(Kind.NOT_NOW, f"There is another campaign {said['key']}.")
        return await full(tx, said["key"])


@router.put("/v1/campaigns/{key}")
async def change_campaign(
    key: str,
    document: Document,
    edge: TheEdge,
    by: Writer,
    revision: Annotated[int, Query(description="The revision it was made from.")],
) -> FullCampaign:
    """Change a campaign that is a draft and still stands at a revision, else 409."""
    if document.get("key") != key:
        raise invalid(Fault("/key", f"It is another one than in the address: say {key}."))
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        before = await found(tx, key, lock=True)
        said = await _checked(tx, document, now)
        if before.document != said:
            await _change(tx, By(actor(by), now), before, said, revision)
        return await full(tx, key)


async def _change(
    tx: Transaction, by: By, before: Campaign, said: dict[str, Any], revision: int
) -> None:
    if before.state is not CampaignState.DRAFT:
        raise ProblemError(Kind.NOT_NOW, f"It is {before.state}: only a draft can be changed.")
    if not await tx.run(campaigns.save(said, revision, by.who, by.now)):
        raise ProblemError(Kind.NOT_NOW, f"It was changed meanwhile, to {before.revision}.")
    await _note(tx, by, "changed a campaign", before.document, said)


async def _note(
    tx: Transaction, by: By, did: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> None:
    entry = AuditEntry(by.now, by.who, did, after["key"], {}, before, after)
    await tx.run(people.write_audit(entry))


async def _checked(tx: Transaction, document: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A document that is right, in its shortest form."""
    try:
        return as_document(read(document, await tx.follow(naming.known(document)), now))
    except DocumentError as error:
        raise refused(error) from None


def refused(error: DocumentError) -> ProblemError:
    """What is wrong with a document, place by place."""
    return invalid(*(Fault(fault.place, f"{fault.said}.") for fault in error.faults))


async def found(tx: Transaction, key: str, *, lock: bool = False) -> Campaign:
    """A campaign that there is.

    Raises:
        ProblemError: There is none.
    """
    one = await tx.run((campaigns.lock_campaign if lock else campaigns.campaign)(key))
    if one is None:
        raise ProblemError(Kind.NOT_FOUND, "There is no campaign of this key.")
    return one


async def full(tx: Transaction, key: str) -> FullCampaign:
    """A campaign with all that is told of it."""
    one, known = await found(tx, key), await tx.run(runs.of_campaign(key))
    return FullCampaign(
        **_told(one).model_dump(),
        document=dict(one.document),
        runs=[_run(run) for run in known],
    )


def _told(one: Campaign) -> ToldCampaign:
    return ToldCampaign(**{name: getattr(one, name) for name in ToldCampaign.model_fields})


def _run(run: Run) -> ToldRun:
    return ToldRun(**{name: getattr(run, name) for name in ToldRun.model_fields})


def _tally(found: Tally) -> ToldTally:
    signs = {name: getattr(found, name) for name in ToldTally.model_fields if name != "states"}
    return ToldTally(states=dict(found.ended), **signs)
