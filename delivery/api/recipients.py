"""`/v1/recipients`: who people are and where they are reached."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from delivery.api.access import allowed
from delivery.api.edge import Edge, TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.profiles import Fault, ProfileBody, profile_of
from delivery.reading import is_recipient_id
from models.database import Transaction
from models.profiles import NewProfile
from models.queries.configuring.keys import Scope
from models.queries.console import cards
from models.queries.erasing import erasures
from models.queries.folding import suppressions
from models.queries.people import recipients
from models.queries.people.staging import in_parameters

router = APIRouter(
    tags=["Recipients"],
    dependencies=[Depends(allowed(Scope.RECIPIENTS_WRITE))],
)


class StoredBlock(BaseModel):
    """A suppression of an address; `*` stands for every channel or category."""

    model_config = ConfigDict(from_attributes=True)

    channel: str
    category: str
    reason: str
    until: datetime | None


class StoredAddress(BaseModel):
    """An address, in the form it is compared in."""

    channel: str
    address: str
    preferred: bool
    suppressed_for: str | None
    suppressed_until: datetime | None
    suppressions: list[StoredBlock] = Field(description="All of them; the first is told above.")


class StoredProfile(BaseModel):
    """A recipient as they are kept."""

    recipient_id: str
    name: str | None
    locale: str | None
    timezone: str | None
    org: str | None
    quiet_hours: dict[str, Any] | None
    digest: dict[str, Any] | None
    attributes: dict[str, Any]
    addresses: list[StoredAddress]
    created_at: datetime
    updated_at: datetime


def _recipient(recipient_id: str) -> str:
    if not is_recipient_id(recipient_id):
        message = "A recipient id is 1 to 200 bytes of UTF-8 without NUL or surrounding space."
        raise invalid(Fault("path: recipient_id", message))
    return recipient_id


RecipientId = Annotated[str, Depends(_recipient)]


@router.put("/v1/recipients/{recipient_id:path}")
async def put_recipient(
    recipient_id: RecipientId,
    body: ProfileBody,
    edge: TheEdge,
    anew: Annotated[  # noqa: FBT002 - a parameter of the URL
        bool, Query(description="Somebody who was erased is to be known again, from nothing.")
    ] = False,
) -> StoredProfile:
    """Write a recipient. What is left out stays; null takes a field away.

    `addresses` replaces those of the channels it names, the first of a channel being preferred;
    an address that is null empties its channel. Who was erased stays so (409), unless the
    request says `anew`: then they begin from nothing, and addresses that were suppressed still are.
    """
    profile = profile_of(recipient_id, body, edge.accepts)
    await _write(edge, profile, anew=anew)
    async with edge.database.begin() as tx:
        return await _stored(tx, recipient_id)


@router.get("/v1/recipients/{recipient_id:path}")
async def get_recipient(recipient_id: RecipientId, edge: TheEdge) -> StoredProfile:
    """A recipient as they are kept."""
    async with edge.database.begin() as tx:
        return await _stored(tx, recipient_id)


async def _write(edge: Edge, profile: NewProfile, *, anew: bool) -> None:
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        if anew:
            await tx.run(erasures.return_(profile.recipient_id, edge.pseudonyms, now))
        if await tx.run(erasures.erased([profile.recipient_id], edge.pseudonyms)):
            raise ProblemError(Kind.ERASED)
        for statement in recipients.write_profiles(in_parameters([profile]), now):
            await tx.run(statement)
    # Only after the commit: see models/queries/folding/suppressions.py.
    async with edge.database.begin() as tx:
        found = await tx.run(suppressions.suppressions_of([profile], edge.pseudonyms, now))
        if found:
            await tx.run(suppressions.copy_suppressions([profile], found))


async def _stored(tx: Transaction, recipient_id: str) -> StoredProfile:
    found = await tx.run(cards.card(recipient_id))
    if not found:
        raise ProblemError(Kind.NOT_FOUND, "Nobody has this id.")
    [card] = found
    addresses = [
        StoredAddress(
            channel=each.channel,
            address=each.address,
            preferred=each.preferred,
            suppressed_for=each.blocks[0].reason if each.blocks else None,
            suppressed_until=each.blocks[0].until if each.blocks else None,
            suppressions=[StoredBlock.model_validate(block) for block in each.blocks],
        )
        for each in await tx.run(cards.addresses_of(recipient_id))
    ]
    return StoredProfile(
        recipient_id=card.recipient_id,
        name=card.name,
        locale=card.locale,
        timezone=card.timezone,
        org=card.org,
        quiet_hours=None if card.quiet_hours is None else dict(card.quiet_hours),
        digest=None if card.digest is None else dict(card.digest),
        attributes=dict(card.attributes),
        addresses=addresses,
        created_at=card.created_at,
        updated_at=card.updated_at,
    )
