"""`/v1/events`: posting an event, and asking what became of it."""

import os
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, Field

from delivery.api.access import allowed
from delivery.api.bodies import posted_event
from delivery.api.edge import TheEdge
from delivery.api.event_body import EventBody, Sender, read_event
from delivery.api.intake import accept
from delivery.api.problems import Kind, ProblemError
from models.queries.configuring.keys import ApiKey, Scope
from models.queries.console import incoming
from models.queries.planning import emit
from models.readings.events import Event
from models.reasons import sentence

router = APIRouter(tags=["Events"])

Producer = Annotated[ApiKey, Depends(allowed(Scope.EVENTS_WRITE))]


class Taken(BaseModel):
    """The event is safe with us and will be planned."""

    outbox_id: UUID


class Progress(BaseModel):
    """What became of a posted event."""

    outbox_id: UUID
    state: Literal["waiting", "expanding", "planned", "rejected", "duplicate"]
    event_id: UUID | None = Field(default=None, description="The event; of a duplicate, the first.")
    reason: str | None = Field(default=None, description="Why it was rejected, as a code.")
    detail: str | None = Field(default=None, description="The same as a sentence.")
    recipients: int | None = None
    duplicates: int | None = Field(default=None, description="How often its key came again.")
    created_at: datetime | None = None
    planned_at: datetime | None = None


_SCHEMAS = {
    "application/json": {"schema": EventBody.model_json_schema()},
    "application/cloudevents+json": {
        "schema": {"type": "object", "required": ["specversion", "id", "source", "type"]}
    },
}


@router.post(
    "/v1/events",
    status_code=202,
    openapi_extra={"requestBody": {"required": True, "content": _SCHEMAS}},
)
async def post_event(
    request: Request,
    edge: TheEdge,
    producer: Producer,
    idempotency_key: Annotated[str | None, Header()] = None,  # noqa: ARG001 - for the schema
) -> Taken:
    """Take one event in; it is planned within moments.

    The body is JSON with the fields of the outbox, or a CloudEvent 1.0, structured or binary:
    `type` is the topic, `subject` the thread, `source` and `id` the key when there is no other;
    `recipients` and `tags` are extensions with names separated by commas, `audience`, `actor`,
    `priority`, `notbefore`, `expiresat`, `locale`, `tenant`, `traceparent`, `test` and
    `dedupkey` the fields of those names.

    With an `Idempotency-Key` the event is taken once, however often it is posted: the same key
    with the same body answers the same `outbox_id` again, with another body 409, until the
    topic's window (7 days unless it says otherwise) ends or the event is rejected.

    What the fields mean is judged by planning: ask `GET /v1/events/{outbox_id}`.
    """
    posted = await posted_event(request)
    now = await edge.database.tell_time()
    sender = Sender(producer.source, now, UUID(bytes=os.urandom(16)))
    row = read_event(posted.fields, posted.names, sender)
    outbox_id = await accept(edge.database, row, now)
    edge.nudge.ring()
    return Taken(outbox_id=outbox_id)


@router.get("/v1/events/{outbox_id}", response_model_exclude_none=True)
async def get_event(outbox_id: UUID, edge: TheEdge, producer: Producer) -> Progress:
    """What became of an event that a key of the same source posted."""
    async with edge.database.begin() as tx:
        # In this order: a row leaves the outbox only after its key is there.
        waits = await tx.run(emit.waits(producer.source, outbox_id))
        event = await tx.run(emit.event_of(producer.source, outbox_id))
        found = [] if event is None else await tx.run(incoming.event_by_id(event))
    if found:
        return _progress(outbox_id, found[0])
    if waits:
        return Progress(outbox_id=outbox_id, state="waiting")
    raise ProblemError(Kind.NOT_FOUND, "No event of this source has this id.")


def _progress(outbox_id: UUID, event: Event) -> Progress:
    if event.outbox_id != outbox_id:
        return Progress(outbox_id=outbox_id, state="duplicate", event_id=event.event_id)
    return Progress.model_validate(
        {
            "outbox_id": outbox_id,
            "state": event.state,
            "event_id": event.event_id,
            "reason": event.reason,
            "detail": event.detail or sentence(event.reason) or None,
            "recipients": event.recipient_count,
            "duplicates": event.duplicates,
            "created_at": event.created_at,
            "planned_at": event.planned_at,
        }
    )
