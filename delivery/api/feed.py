"""`/v1/feed`: a recipient's in-app feed, for the product's front end."""

from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from delivery.api.access import LONGEST, allowed, feed_reader, feed_token, token_holder
from delivery.api.edge import TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.profiles import Fault
from delivery.reading import is_recipient_id
from models.database import Transaction
from models.queries.configuring.keys import ApiKey, Scope
from models.queries.console import cards
from models.queries.people import feed
from models.queries.people.feed import Item, Mark, Which


def _never_stored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(
    prefix="/v1/feed",
    tags=["Feed"],
    dependencies=[Depends(_never_stored)],
)

_LARGEST = 2**63 - 1
Place = Annotated[int, Query(ge=0, le=_LARGEST)]


class TokenWish(BaseModel):
    """Whose feed, and for how long."""

    model_config = ConfigDict(extra="forbid")

    recipient_id: str
    ttl: int = Field(
        default=3600, ge=1, le=int(LONGEST.total_seconds()), description="Seconds it shall live."
    )


class Token(BaseModel):
    """A feed token."""

    token: str
    expires_at: datetime


@router.post("/token")
async def make_token(
    wish: TokenWish, edge: TheEdge, _: Annotated[ApiKey, Depends(allowed(Scope.FEED_TOKEN))]
) -> Token:
    """Make a token that opens one recipient's feed, for your front end to hold.

    It is a JWT (HS256) with the recipient as `sub` and the audience `feed`. Make one when a
    person signs in and again before it expires; it cannot be taken back.
    """
    if not is_recipient_id(wish.recipient_id):
        message = "A recipient id is 1 to 200 bytes of UTF-8 without NUL or surrounding space."
        raise invalid(Fault("/recipient_id", message))
    now = (await edge.database.tell_time()).replace(microsecond=0)
    expires_at = now + timedelta(seconds=wish.ttl)
    token = feed_token(edge, wish.recipient_id, now, expires_at)
    return Token(token=token, expires_at=expires_at)


class Counters(BaseModel):
    """What the badge shows."""

    unseen: int
    unread: int


class Feed(Counters):
    """A stretch of a feed.

    With `after`, `change` is the next `after`, and `more` says whether to ask at once.
    """

    items: list[Item]
    change: int = Field(description="Number of the newest change known to this answer.")
    more: bool = Field(description="Whether there is more in the direction that was read.")


@router.get("")
async def read_feed(
    edge: TheEdge,
    recipient: Annotated[str, Depends(feed_reader)],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[Place | None, Query(description="Only items below this `seq`.")] = None,
    after: Annotated[Place | None, Query(description="Only changes after this one.")] = None,
) -> Feed:
    """The newest items, or everything that changed after a change number.

    Begin without `after` and keep `change`. From then on ask with `after`: what comes is to be
    put over what you have, by `id`; `archived_at` says that an item was put away (told for 30
    days). 410 says that you come from too far back: begin anew.
    """
    if after is None:
        return await _page(edge, recipient, before, limit)
    return await _changes(edge, recipient, after, limit)


async def _page(edge: TheEdge, recipient: str, before: int | None, limit: int) -> Feed:
    async with edge.database.begin() as tx:
        known = await tx.run(feed.numbers(recipient))
        items = await tx.run(feed.page(recipient, before, limit + 1))
        counters = await _counters(tx, recipient)
    return Feed(
        items=items[:limit],
        change=known.change,
        more=len(items) > limit,
        unseen=counters.unseen,
        unread=counters.unread,
    )


async def _changes(edge: TheEdge, recipient: str, after: int, limit: int) -> Feed:
    async with edge.database.begin() as tx:
        known = await tx.run(feed.numbers(recipient))
        if after > known.change or (0 < after < known.purged):
            raise ProblemError(Kind.RESET)
        items = await tx.run(feed.changes(recipient, after, limit + 1))
        counters = await _counters(tx, recipient)
    told, more = items[:limit], len(items) > limit
    newest = told[-1].change if told else after
    return Feed(
        items=told,
        change=newest if more else max(newest, known.change),
        more=more,
        unseen=counters.unseen,
        unread=counters.unread,
    )


async def _counters(tx: Transaction, recipient: str) -> Counters:
    counts = await tx.run(cards.feed_counts(recipient))
    return Counters(unseen=counts.unseen, unread=counts.unread)


class Marked(Counters):
    """What marking did."""

    changed: int
    change: int = Field(description="Number of the newest change.")


class Items(BaseModel):
    """Exactly one of the three says which items are meant."""

    model_config = ConfigDict(extra="forbid")

    ids: list[UUID] | None = Field(default=None, max_length=1000, description="Their `id`.")
    up_to: int | None = Field(default=None, ge=0, le=_LARGEST, description="Up to this `seq`.")
    all: bool = False

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.ids is not None) + (self.up_to is not None) + self.all != 1:
            raise ValueError("say exactly one of ids, up_to and all: true")
        return self

    def which(self) -> Which:
        """The same for the query."""
        return Which(None if self.ids is None else tuple(self.ids), self.up_to)


Holder = Annotated[str, Depends(token_holder)]


@router.post("/seen")
async def mark_seen(items: Items, edge: TheEdge, recipient: Holder) -> Marked:
    """Say that items were on the screen; the badge counts those that were not."""
    return await _mark(edge, recipient, Mark.SEEN, items)


@router.post("/read")
async def mark_read(items: Items, edge: TheEdge, recipient: Holder) -> Marked:
    """Say that items were opened."""
    return await _mark(edge, recipient, Mark.READ, items)


@router.post("/archive")
async def archive(items: Items, edge: TheEdge, recipient: Holder) -> Marked:
    """Put items away."""
    return await _mark(edge, recipient, Mark.ARCHIVE, items)


async def _mark(edge: TheEdge, recipient: str, said: Mark, items: Items) -> Marked:
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        change = (await tx.run(feed.lock(recipient))).change
        changed = await tx.run(feed.mark(recipient, said, items.which(), change, now))
        if changed:
            await tx.run(feed.advance(recipient, change + changed))
        counters = await _counters(tx, recipient)
    return Marked(
        changed=changed,
        change=change + changed,
        unseen=counters.unseen,
        unread=counters.unread,
    )
