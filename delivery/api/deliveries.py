"""`/v1/deliveries`: how a delivery stands, and why it came to that."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from delivery.api.access import allowed
from delivery.api.edge import Edge, TheEdge
from delivery.api.problems import Kind, ProblemError
from delivery.explain import Outcome, findings
from models.queries.configuring import catalog
from models.queries.configuring.keys import Scope
from models.queries.console import history
from models.readings.deliveries import Delivery
from models.reasons import sentence

router = APIRouter(
    tags=["Deliveries"], dependencies=[Depends(allowed(Scope.DELIVERIES_READ))]
)  # fmt: skip


class Standing(BaseModel):
    """How a delivery stands: one recipient, channel and step of one event."""

    delivery_id: UUID
    event_id: UUID
    recipient_id: str
    topic: str
    channel: str
    step: str
    state: str
    reason: str | None = Field(description="Why it waits, was skipped or failed, as a code.")
    sentence: str | None = Field(description="The same as people read it.")
    detail: str | None = Field(description="What came with it; null where the topic is sensitive.")
    attempts: int
    provider: str | None
    message_id: str | None
    response: str | None = Field(description="The provider's; null where the topic is sensitive.")
    test: bool
    created_at: datetime
    due_at: datetime | None = Field(description="When it is looked at next, while it waits.")
    sent_at: datetime | None
    settled_at: datetime | None


class Check(BaseModel):
    """One thing that was asked, and what came of it."""

    model_config = ConfigDict(from_attributes=True)

    stage: str = Field(description="`plan`, `again`, `gate` or `send`.")
    check: str = Field(description="Key of the policy, or of what happened.")
    outcome: Outcome
    sentence: str
    note: str = Field(description="What it saw; empty where the topic is sensitive.")
    until: datetime | None = Field(description="Until when it was held.")


class Explanation(Standing):
    """The same with every check on its way, in the order they were made."""

    checks: list[Check]


@router.get("/v1/deliveries/{delivery_id}")
async def get_delivery(delivery_id: UUID, edge: TheEdge) -> Standing:
    """How a delivery stands now. What it said, and the address, are not told here."""
    delivery, secret = await _found(edge, delivery_id)
    return Standing.model_validate(_standing(delivery, secret=secret))


@router.get("/v1/deliveries/{delivery_id}/explain")
async def explain_delivery(delivery_id: UUID, edge: TheEdge) -> Explanation:
    """Why it was, or was not, sent: every check in order, as codes and as sentences."""
    delivery, secret = await _found(edge, delivery_id)
    checks = [Check.model_validate(finding) for finding in findings(delivery.trace)]
    if secret:
        checks = [check.model_copy(update={"note": ""}) for check in checks]
    return Explanation.model_validate({**_standing(delivery, secret=secret), "checks": checks})


async def _found(edge: Edge, identifier: UUID) -> tuple[Delivery, bool]:
    """The delivery, and whether what it said is secret; that of a topic that is gone may be."""
    try:
        query = history.deliveries_by_id([identifier])
    except ValueError:
        raise ProblemError(Kind.NOT_FOUND, "No delivery can have this id.") from None
    async with edge.database.begin() as tx:
        found = await tx.run(query)
        topic = (await tx.run(catalog.topics())).get(found[0].topic) if found else None
    if not found:
        detail = "Nothing is kept of this delivery: there was none, or its day was dropped."
        raise ProblemError(Kind.NOT_FOUND, detail)
    return found[0], topic is None or topic.sensitive


def _standing(delivery: Delivery, *, secret: bool) -> dict[str, object]:
    kept = {name: getattr(delivery, name, None) for name in Standing.model_fields}
    said = {"reason": delivery.why, "sentence": sentence(delivery.why) or None}
    return kept | said | ({"detail": None, "response": None} if secret else {})
