"""`POST /v1/recipients/{id}/preference-link`: the preference page, for a product's own settings."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from delivery.api.access import LONGEST, allowed
from delivery.api.edge import TheEdge
from delivery.api.recipients import RecipientId
from delivery.links import Permit, sign_permit
from models.queries.configuring.keys import Scope

router = APIRouter(tags=["Preferences"])


class PreferenceLinkWish(BaseModel):
    """For how long."""

    model_config = ConfigDict(extra="forbid")

    ttl: int = Field(
        default=3600, ge=1, le=int(LONGEST.total_seconds()), description="Seconds it shall work."
    )


class PreferenceLink(BaseModel):
    """A link that opens one recipient's preferences to whoever has it."""

    url: str
    expires_at: datetime


@router.post(
    "/v1/recipients/{recipient_id:path}/preference-link",
    dependencies=[Depends(allowed(Scope.PREFERENCES_WRITE))],
)
async def make_preference_link(
    recipient_id: RecipientId,
    edge: TheEdge,
    response: Response,
    wish: Annotated[PreferenceLinkWish | None, "may be left out"] = None,
) -> PreferenceLink:
    """Make a link to a recipient's preference page, to lead to from your own settings.

    Whoever has it may choose for them: make it when the person asks for it, and give it to
    nobody else. It cannot be taken back, and ends by itself.
    """
    response.headers["Cache-Control"] = "no-store"
    ttl = (wish or PreferenceLinkWish()).ttl
    now = (await edge.database.tell_time()).replace(microsecond=0)
    permit = Permit(recipient_id, now + timedelta(seconds=ttl))
    token = sign_permit(permit, edge.link_keys)
    return PreferenceLink(url=f"{edge.base_url}/p/{token}", expires_at=permit.until)
