"""`/u/{token}`: one-click unsubscribe (RFC 8058). GET shows a page, only POST acts."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from delivery.api.edge import Edge, TheEdge
from delivery.api.pages import page
from delivery.consent import chosen
from delivery.links import Kind, Link, read
from models.database import UnavailableError
from models.queries import consents, preferences
from models.records import Author, Choice, Via

_MANY = 20
"""Most topics that are listed by their titles."""
_CHANNELS = {"email": "e-mail", "in_app": "notices in the app", "sms": "text messages"}
"""Channels as people call them; others go by their key."""

_ONE_CLICK = Author("one-click", Via.LINK)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.api_route("/u/{token}", methods=["GET", "HEAD"])
async def show(token: str, edge: TheEdge) -> Response:
    """Say what would be turned off. Mail scanners follow links: nothing changes here."""
    link = read(Kind.UNSUBSCRIBE, token, edge.link_keys)
    if link is None:
        return _unknown()
    try:
        return await _page(edge, link)
    except UnavailableError:
        return _away()


@router.options("/u/{token}")
async def options(token: str) -> Response:  # noqa: ARG001 - the same for every token
    """Say what may be asked."""
    return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})


@router.post("/u/{token}")
async def act(token: str, request: Request, edge: TheEdge) -> Response:
    """Turn it off, or on again; the same twice is the same as once."""
    link = read(Kind.UNSUBSCRIBE, token, edge.link_keys)
    if link is None:
        return _unknown()
    off = await _wish(request)
    if off is None:
        return page(
            "trouble.html",
            400,
            title="Nothing was changed",
            remedy="The request did not say List-Unsubscribe=One-Click. Open the link instead.",
        )
    try:
        await _choose(edge, link, off=off)
        return await _page(edge, link, undone=not off)
    except UnavailableError:
        return _away()


async def _wish(request: Request) -> bool | None:
    """Whether the form turns it off (`True`), on again, or says neither."""
    async with request.form(max_files=0, max_fields=10) as form:
        if form.get("List-Unsubscribe") == "One-Click":
            return True
        return False if form.get("action") == "resubscribe" else None


async def _choose(edge: Edge, link: Link, *, off: bool) -> None:
    choice = Choice(link.recipient_id, link.category, link.channel, not off)
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        await tx.follow(preferences.choose([choice], _ONE_CLICK, now))


async def _page(edge: Edge, link: Link, *, undone: bool = False) -> HTMLResponse:
    async with edge.database.begin() as tx:
        facts = await tx.follow(consents.what_counts(link.recipient_id))
        titles = await tx.run(preferences.titles_in(link.category, _MANY))
    described = facts.categories.get(link.category)
    return page(
        "unsubscribe.html",
        off=not chosen(link.category, link.channel, facts).allowed,
        undone=undone,
        titles=titles,
        category=described.title if described else link.category.replace("_", " "),
        channel=_CHANNELS.get(link.channel, link.channel),
    )


def _unknown() -> HTMLResponse:
    return page(
        "trouble.html",
        404,
        title="This link is not one of ours",
        remedy=(
            "Perhaps it was cut off on the way. Open it from the message once more, or answer"
            " the message and ask to be taken off the list."
        ),
    )


def _away() -> HTMLResponse:
    response = page(
        "trouble.html",
        503,
        title="We cannot keep your choice right now",
        remedy="Nothing was changed. Please try again in a minute.",
    )
    response.headers["Retry-After"] = "60"
    return response
