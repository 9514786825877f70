"""`GET /v1/recipients/{id}/export`: everything that is kept about one person."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from delivery.api.access import allowed
from delivery.api.edge import Edge, TheEdge
from delivery.api.recipients import RecipientId
from models.people import AuditEntry
from models.queries.configuring.keys import ApiKey, Scope
from models.queries.console import people
from models.queries.erasing.exports import EXPORTED, Telling, telling

router = APIRouter(tags=["Recipients"])


@router.get("/v1/recipients/{recipient_id:path}/export", response_class=StreamingResponse)
async def export(
    recipient_id: RecipientId,
    edge: TheEdge,
    key: Annotated[ApiKey, Depends(allowed(Scope.RECIPIENTS_EXPORT))],
) -> StreamingResponse:
    """Everything that is kept about a recipient, as one JSON document, streamed.

    Of somebody unknown it is an empty one. That it was asked for is in the audit.
    """
    now = await edge.database.tell_time()
    name, by = edge.pseudonyms.recipient(recipient_id)[0], f"API key {key.prefix}…"
    await edge.database.run(people.write_audit(AuditEntry(now, by, EXPORTED, name, {})))
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="recipient.json"',
    }
    pieces = _pieces(edge, telling(recipient_id, now))
    return StreamingResponse(pieces, media_type="application/json", headers=headers)


async def _pieces(edge: Edge, steps: Telling) -> AsyncIterator[str]:
    answer = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration:
            return
        answer = None
        if isinstance(step, str):
            yield step
        else:
            answer = await edge.database.run(step)
