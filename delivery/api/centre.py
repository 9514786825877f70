"""`/p/{token}`: all of somebody's preferences. GET shows them, only POST changes them.

The token in the path is the authority: there is no cookie that another site could make use of.
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from delivery.api import sheet
from delivery.api.edge import Edge, TheEdge
from delivery.api.form import (
    Fields,
    Form,
    Obstacle,
    choices_of,
    obstacles,
    read_form,
    undo,
)
from delivery.api.keeping import keep, known
from delivery.api.pages import page, words_for
from delivery.api.sheet import Person
from delivery.api.troubles import Trouble, TroubleError, for_people
from delivery.links import Permit, read_permit
from models.queries.configuring import catalog
from models.queries.console import consents
from models.records import Author, Via

_MOST_FIELDS = 10_000
_OWN = Author("recipient", Via.PREFERENCE_CENTRE)

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[Depends(for_people)],
)


async def _admitted(token: str, edge: TheEdge) -> Permit:
    """A dependency: the permit in the path, if it is one and still good."""
    permit = read_permit(token, edge.link_keys)
    if permit is None:
        raise TroubleError(Trouble.UNKNOWN)
    if permit.until <= await edge.database.tell_time():
        raise TroubleError(Trouble.EXPIRED)
    return permit


@router.api_route("/p/{token}", methods=["GET", "HEAD"])
async def show(
    permit: Annotated[Permit, Depends(_admitted)], request: Request, edge: TheEdge
) -> Response:
    """Show what counts. Mail scanners follow links: nothing changes here."""
    return _sheet(await _person(edge, permit, request), edge)


@router.options("/p/{token}")
async def options(token: str) -> Response:  # noqa: ARG001 - the same for every token
    """Say what may be asked."""
    return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})


@router.post("/p/{token}")
async def act(
    permit: Annotated[Permit, Depends(_admitted)], request: Request, edge: TheEdge
) -> Response:
    """Keep what differs from what was shown, all of it or nothing; the same twice is once.

    The answer is the confirmation itself: a redirect would have to carry what changed, and
    sending the form once more does no harm.
    """
    if _is_foreign(request, edge):
        raise TroubleError(Trouble.FOREIGN)
    form = await _form(request)
    now = await edge.database.tell_time()
    found = obstacles(form, await known(edge), now)
    if not found:
        await keep(edge, choices_of(form, permit.recipient_id, now), _OWN)
    person = await _person(edge, permit, request)
    return _sheet(person, edge, form, found) if found else _confirmed(person, form)


def _is_foreign(request: Request, edge: Edge) -> bool:
    """Whether another site's page sent it, as far as the browser says (Fetch Metadata).

    As our pages tell nobody their address, an old browser may send `Origin: null`.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("origin", "null")
    ours = {request.headers.get("host"), urlsplit(edge.base_url).netloc}
    return origin != "null" and urlsplit(origin).netloc not in ours


async def _form(request: Request) -> Form:
    try:
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as sent:
            fields: Fields = {
                name: [value for value in sent.getlist(name) if isinstance(value, str)]
                for name in sent
            }
        return read_form(fields)
    except ValueError as error:
        raise TroubleError(Trouble.UNREADABLE) from error


async def _person(edge: Edge, permit: Permit, request: Request) -> Person:
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        facts = await tx.follow(consents.what_counts(permit.recipient_id))
        topics = await tx.run(catalog.topics())
    words = words_for(request, facts.profile)
    return Person(facts, topics, words, now)


def _sheet(
    person: Person, edge: Edge, form: Form | None = None, found: list[Obstacle] | None = None
) -> HTMLResponse:
    asked = form or Form()
    return page(
        "preferences.html",
        person.words,
        422 if found else 200,
        complaints=sheet.complaints(person, found or ()),
        pause_was=str(person.pause),
        options=sheet.options(person, asked),
        groups=sheet.groups(person, edge.accepts, asked),
    )


def _confirmed(person: Person, form: Form) -> HTMLResponse:
    changes = sheet.told(person, form)
    return page(
        "saved.html",
        person.words,
        changes=changes,
        undoes=form.undoes,
        undo=undo(form, person.now) if changes and not form.undoes else (),
    )
