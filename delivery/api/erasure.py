"""`DELETE /v1/recipients/{id}`: the end of what is kept about a person."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from delivery.api.access import allowed
from delivery.api.edge import Edge, TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.api.recipients import RecipientId
from delivery.profiles import Fault
from models.queries.configuring.keys import ApiKey, Scope
from models.queries.erasing import erased, erasures

router = APIRouter(tags=["Recipients"])

Eraser = Annotated[ApiKey, Depends(allowed(Scope.RECIPIENTS_ERASE))]


class ToldErasure(BaseModel):
    """How an erasure stands; nothing in it tells who it was."""

    pseudonym: str = Field(description="Keyed hash under which the id is known from now on.")
    requested_at: datetime
    reason: str
    finished_at: datetime | None = Field(description="Null while workers are at it.")
    rows: dict[str, int] = Field(description="Table to rows changed so far: the certificate.")


@router.delete("/v1/recipients/{recipient_id:path}", status_code=202)
async def erase(
    recipient_id: RecipientId,
    edge: TheEdge,
    key: Eraser,
    reason: Annotated[
        str, Query(max_length=500, description="Why, without naming the person: it is kept.")
    ] = "asked for over the API",
) -> ToldErasure:
    """Erase everything that is kept about a recipient; it cannot be taken back.

    Workers do it in steps, in about half a minute; until then the same again changes nothing.
    """
    now = await edge.database.tell_time()
    by = f"API key {key.prefix}…"
    async with edge.database.begin() as tx:
        try:
            await tx.follow(erasures.ask(recipient_id, edge.pseudonyms, by, reason, now))
        except ValueError as error:
            raise invalid(Fault("query: reason", f"{error}.".capitalize())) from None
    return await _told(edge, recipient_id)


@router.get("/v1/recipients/{recipient_id:path}/erasure")
async def read_erasure(recipient_id: RecipientId, edge: TheEdge, _: Eraser) -> ToldErasure:
    """How the erasure of a recipient stands."""
    return await _told(edge, recipient_id)


async def _told(edge: Edge, recipient_id: str) -> ToldErasure:
    found = await edge.database.run(erased.line(recipient_id, edge.pseudonyms))
    if not found:
        raise ProblemError(Kind.NOT_FOUND, "Nobody of this id was erased.")
    [line] = found
    return ToldErasure(
        pseudonym=line.pseudonym,
        requested_at=line.requested_at,
        reason=line.reason,
        finished_at=line.finished_at,
        rows=dict(line.done),
    )
