"""`/v1/audiences`: audiences as documents, made, changed and removed."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import BaseModel, Field

from delivery.api import approvals
from delivery.api.access import actor, allowed
from delivery.api.campaigns import refused
from delivery.api.edge import Edge, TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.approving import ThresholdsError
from delivery.audiences import (
    Saved,
    as_audience,
    fit,
    read,
    resolved,
    sentence,
    users,
)
from delivery.audiences.asking import ask
from delivery.blame import DocumentError
from delivery.profiles import Fault
from models.database import Transaction
from models.people import AuditEntry
from models.queries.audiences import catalog, members, naming
from models.queries.audiences.catalog import Saving, Size
from models.queries.audiences.conditions import where
from models.queries.audiences.removing import forgotten
from models.queries.campaigns.campaigns import audiences_in_use
from models.queries.campaigns.orders import By
from models.queries.configuring.keys import ApiKey, Scope
from models.queries.console import people
from models.records.audiences import Audience, StoredAudience

router = APIRouter(tags=["Audiences"])

Reader = Annotated[ApiKey, Depends(allowed(Scope.AUDIENCES_READ))]
Writer = Annotated[ApiKey, Depends(allowed(Scope.AUDIENCES_WRITE))]
Document = Annotated[dict[str, Any], Body(description="As docs/audiences.md has it, as JSON.")]
Stored = Mapping[str, StoredAudience]


class ToldAudience(BaseModel):
    """An audience as it stands."""

    key: str
    title: str
    team: str | None
    version: int = Field(description="+1 at each change, of the document or of its list.")
    list: bool = Field(description="Brought in as a file; else by conditions.")
    members: int | None = Field(description="How many belonged when last counted.")
    counted_at: datetime | None
    changed_at: datetime
    changed_by: str


class FullAudience(ToldAudience):
    """The same with what it says."""

    document: dict[str, Any]
    sentence: str


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes an audience, why, and the version they saw; `None`: they saw none."""

    by: By
    version: int | None


async def _change(
    edge: TheEdge,
    key: Writer,
    version: Annotated[int | None, Query(description="The one it was made from.")] = None,
    note: Annotated[str, Query(max_length=2000, description="What changes and why.")] = "",
) -> Change:
    return Change(By(actor(key), await edge.database.tell_time(), note.strip()), version)


@router.get("/v1/audiences")
async def list_audiences(edge: TheEdge, _: Reader) -> list[ToldAudience]:
    """All audiences, by key."""
    async with edge.database.begin() as tx:
        stored, sizes = await tx.run(catalog.audiences()), await tx.run(catalog.sizes())
    return [ToldAudience(**_told(one, sizes.get(key))) for key, one in stored.items()]


@router.get("/v1/audiences/{key}")
async def get_audience(key: str, edge: TheEdge, _: Reader) -> FullAudience:
    """An audience: its document, and the sentence it means."""
    with problems():
        async with edge.database.begin() as tx:
            return await full(tx, key)


@router.put("/v1/audiences/{key}")
async def put_audience(
    key: str,
    document: Document,
    edge: TheEdge,
    change: Annotated[Change, Depends(_change)],
    response: Response,
) -> FullAudience:
    """Make an audience (201), or change one that still stands at a version, else 409.

    The very same again changes nothing. Where somebody else has to look first, it is 409 until
    they did.
    """
    if document.get("key") != key:
        raise invalid(Fault("/key", f"It is another one than in the address: say {key}."))
    async with changing(edge) as (tx, stored):
        audience = await _checked(tx, edge, document, stored)
        was = stored.get(key)
        if was is None or was.document != document:
            _expect(was, change.version)
            await _save(tx, document, audience, stored, change.by)
        response.status_code = 201 if was is None else 200
        return await full(tx, key)


@router.delete("/v1/audiences/{key}", status_code=204)
async def delete_audience(key: str, edge: TheEdge, by: Writer) -> None:
    """Forget an audience that nothing uses, with its versions and lists; else 409."""
    now = await edge.database.tell_time()
    async with changing(edge) as (tx, stored):
        was = named(stored, key)
        if used := users(stored, await tx.run(audiences_in_use()))[key]:
            raise ProblemError(Kind.NOT_NOW, f"{', '.join(used)} uses it: change that first.")
        await tx.follow(forgotten(key, now))
        entry = AuditEntry(now, actor(by), "removed an audience", key, {}, was.document)
        await tx.run(people.write_audit(entry))


@asynccontextmanager
async def changing(edge: Edge) -> AsyncIterator[tuple[Transaction, Stored]]:
    """A transaction that alone changes audiences, which it knows; what is wrong is a problem."""
    with problems():
        async with edge.database.begin() as tx:
            await tx.run(catalog.lock())
            yield tx, await tx.run(catalog.audiences())


@contextmanager
def problems() -> Iterator[None]:
    """What cannot be read, or does not fit, is told as a problem."""
    try:
        yield
    except ThresholdsError as error:
        raise invalid(Fault("path: key", f"{error}.")) from None
    except DocumentError as error:
        raise refused(error) from None


def named(stored: Stored, key: str) -> StoredAudience:
    """An audience that there is.

    Raises:
        ProblemError: There is none.
    """
    if key not in stored:
        raise ProblemError(Kind.NOT_FOUND, "There is no audience of this key.")
    return stored[key]


async def full(tx: Transaction, key: str) -> FullAudience:
    """An audience with all that is told of it."""
    one = named(await tx.run(catalog.audiences()), key)
    told = _told(one, (await tx.run(catalog.sizes())).get(key))
    return FullAudience(**told, document=dict(one.document), sentence=sentence(as_audience(one)))


def _told(one: StoredAudience, size: Size | None) -> dict[str, Any]:
    return {
        "key": one.key, "title": one.title, "team": one.team, "version": one.version,
        "list": one.list is not None,
        "members": size and size.members, "counted_at": size and size.counted_at,
        "changed_at": one.changed_at, "changed_by": one.changed_by,
    }  # fmt: skip


async def _checked(
    tx: Transaction, edge: Edge, document: dict[str, Any], stored: Stored
) -> Audience:
    """What a document means that fits what there is.

    Raises:
        AudienceError: It does not.
    """
    there_is = await tx.follow(naming.known(list(edge.accepts), stored.keys()))
    audience = read(document, there_is)
    fit({audience.key: audience}, stored)
    return audience


def _expect(was: StoredAudience | None, version: int | None) -> None:
    at = None if was is None else was.version
    if at != version:
        said = "There is none of this key" if at is None else f"It stands at version {at}"
        raise ProblemError(Kind.NOT_NOW, f"{said}: what you saw is another.")


async def _save(
    tx: Transaction, document: dict[str, Any], audience: Audience, stored: Stored, by: By
) -> None:
    was = stored.get(audience.key)
    list_ = (was and was.list) or 0
    who = where(resolved(replace(audience, list=list_), Saved(stored)), by.now)
    await tx.run(members.roomy())
    weight, _ = await tx.follow(members.size(who))
    await approvals.require(tx, ask(audience.key, document, weight, was), by)
    kept = list_ if audience.is_list else None
    saving = Saving(audience.key, audience.title, document, kept, by.why, by.who, by.now)
    version = await tx.follow(catalog.save(saving, was))
    did = "changed an audience" if was else "made an audience"
    entry = AuditEntry(
        by.now, by.who, did, audience.key, {"version": version}, was and was.document, document
    )
    await tx.run(people.write_audit(entry))
