"""`/u/{token}`: one-click unsubscribe (RFC 8058). GET shows a page, only POST acts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from delivery.api.edge import Edge, TheEdge
from delivery.api.keeping import keep
from delivery.api.pages import page, words_for
from delivery.api.troubles import Trouble, TroubleError, for_people
from delivery.consent.wishes import chosen
from delivery.links import Kind, Link, Permit, read, sign_permit
from models.queries.console import consents
from models.queries.people import preferences
from models.records import Author, Choice, Via

_MANY = 20
"""Most topics that are listed by their titles."""

_ONE_CLICK = Author("one-click", Via.LINK)

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[Depends(for_people)],
)


def _admitted(token: str, edge: TheEdge) -> Link:
    """A dependency: what the token in the path says, if it is one of ours."""
    link = read(Kind.UNSUBSCRIBE, token, edge.link_keys)
    if link is None:
        raise TroubleError(Trouble.UNKNOWN)
    return link


@router.api_route("/u/{token}", methods=["GET", "HEAD"])
async def show(
    link: Annotated[Link, Depends(_admitted)], request: Request, edge: TheEdge
) -> Response:
    """Say what would be turned off. Mail scanners follow links: nothing changes here."""
    return await _page(edge, link, request)


@router.options("/u/{token}")
async def options(token: str) -> Response:  # noqa: ARG001 - the same for every token
    """Say what may be asked."""
    return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})


@router.post("/u/{token}")
async def act(
    link: Annotated[Link, Depends(_admitted)], request: Request, edge: TheEdge
) -> Response:
    """Turn it off, or on again; the same twice is the same as once."""
    off = await _wish(request)
    if off is None:
        raise TroubleError(Trouble.UNREADABLE)
    choice = Choice(link.recipient_id, link.category, link.channel, not off)
    await keep(edge, [choice], _ONE_CLICK)
    return await _page(edge, link, request, asked=off)


async def _wish(request: Request) -> bool | None:
    """Whether the form turns it off (`True`), on again, or says neither."""
    async with request.form(max_files=0, max_fields=10) as form:
        if form.get("List-Unsubscribe") == "One-Click":
            return True
        return False if form.get("action") == "resubscribe" else None


async def _page(
    edge: Edge, link: Link, request: Request, *, asked: bool | None = None
) -> HTMLResponse:
    """How it stands; after a press as it was asked for: of who was erased nothing is kept."""
    async with edge.database.begin() as tx:
        facts = await tx.follow(consents.what_counts(link.recipient_id))
        titles = await tx.run(preferences.titles_in(link.category, _MANY))
    described = facts.categories.get(link.category)
    words = words_for(request, facts.profile)
    return page(
        "unsubscribe.html",
        words,
        off=not chosen(link.category, link.channel, facts).allowed if asked is None else asked,
        undone=asked is False,
        titles=titles,
        category=described.title if described else link.category.replace("_", " "),
        channel=words.channel(link.channel),
        preferences=await _preferences(edge, link),
    )


async def _preferences(edge: Edge, link: Link) -> str | None:
    """Where all preferences are: the very link of the same mail, which ends as that one does."""
    if link.delivery_id is None:
        return None
    permit = Permit.of_delivery(link.recipient_id, link.delivery_id, edge.permits)
    if permit.until <= await edge.database.tell_time():
        return None
    return f"/p/{sign_permit(permit, edge.link_keys)}"
