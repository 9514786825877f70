"""`POST /v1/conversions`: what a recipient did, to be counted for the message that led to it."""

import os
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel

from delivery.api.access import allowed
from delivery.api.edge import TheEdge
from delivery.api.problems import invalid
from delivery.engagement.conversions import ConversionBody, ConversionError, conversion_of
from delivery.profiles import Fault
from models.queries.configuring.keys import ApiKey, Scope
from models.queries.folding import conversions

router = APIRouter(tags=["Conversions"])
log = structlog.get_logger()

Key = Annotated[
    str | None,
    Header(
        min_length=1, max_length=200,
        description="The same key is the same conversion; or `key` in the body.",
    ),
]  # fmt: skip


class TakenConversion(BaseModel):
    """It waits to be attributed, and is counted once however often it is told."""

    conversion_id: UUID


@router.post("/v1/conversions", status_code=202)
async def tell_conversion(
    body: ConversionBody,
    edge: TheEdge,
    key: Annotated[ApiKey, Depends(allowed(Scope.CONVERSIONS_WRITE))],
    idempotency_key: Key = None,
) -> TakenConversion:
    """Tell what a recipient did: it is counted for the message that led to it, if there is one.

    That is the message `delivery_id` names, else the last one in which they followed a link, else
    the last they opened, else the last handed over, within the topic's window. Give a key, so
    that telling it again changes nothing; what was told first under it counts.
    """
    if body.key is not None and idempotency_key not in {None, body.key}:
        raise invalid(Fault("/key", "The header Idempotency-Key says another: send one."))
    body = body.model_copy(update={"key": body.key or idempotency_key})
    now = await edge.database.tell_time()
    # Without a key it is told once: by this row.
    row = UUID(bytes=os.urandom(16))
    try:
        found = conversion_of(body, key.source, row, now)
    except ConversionError as error:
        raise invalid(*error.faults) from error
    said = body.model_dump() | {"occurred_at": found.occurred_at}
    async with edge.database.begin() as tx:
        await tx.run(conversions.tell(row, said, key.source, now))
    log.info("conversion.taken", name=found.name)
    return TakenConversion(conversion_id=found.conversion_id)
