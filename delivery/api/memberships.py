"""`/v1/audiences/{key}/why`: why somebody is in an audience, or out of it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from delivery.api.audiences import Reader, named, problems
from delivery.api.edge import TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.audiences import Answer, condition_of, verdicts, why
from delivery.audiences.sentences import phrase
from delivery.profiles import Fault
from delivery.reading import is_recipient_id
from models.queries.audiences import catalog, person
from models.queries.configuring.keys import Scope

router = APIRouter(tags=["Audiences"])


class Condition(BaseModel):
    """Whether a condition holds for somebody."""

    says: str
    holds: bool
    has: str = Field(
        description="What they have; told to keys that may read profiles (`recipients:write`) too."
    )
    parts: list["Condition"] = Field(description="Of a group or another audience: what is in it.")


@router.get("/v1/audiences/{key}/why")
async def get_why(
    key: str,
    edge: TheEdge,
    by: Reader,
    recipient: Annotated[str, Query(description="Whom it is about.")],
) -> Condition:
    """Why somebody is in an audience or out of it: each condition, and whether it holds."""
    if not is_recipient_id(recipient):
        raise invalid(Fault("query: recipient", "Say whom it is about."))
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        stored = await tx.run(catalog.audiences())
        named(stored, key)
        with problems():
            condition = condition_of(key, stored)
        portrait = await tx.follow(person.portrait(recipient, list(edge.accepts)))
    if portrait is None:
        raise ProblemError(Kind.NOT_FOUND, "There is no recipient of this id.")
    answer = why(condition, portrait, now)
    return _answer(answer if Scope.RECIPIENTS_WRITE in by.scopes else verdicts(answer))


def _answer(answer: Answer) -> Condition:
    return Condition(
        says=phrase(answer.condition),
        holds=answer.holds,
        has=answer.seen,
        parts=[_answer(part) for part in answer.parts],
    )
