"""`/v/{token}`: a mail in a browser, as it was sent, for whoever holds its link.

It is filled again from what its delivery keeps, and shown only if that is what was sent, by its
hash. Links by which one could act for its recipient lead nowhere here: this one is made to be
passed on.
"""

import json
from functools import lru_cache

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse

from delivery.api.edge import TheEdge
from delivery.api.pages import UNSEEN
from delivery.api.troubles import Trouble, TroubleError, for_people
from delivery.budget import OverBudgetError, fill_quickly
from delivery.contexts import lacks_news, unpacked
from delivery.digests.items import told
from delivery.errors import RenderingError
from delivery.links import hidden, read_view
from delivery.rendering.fill import Template, prepare
from delivery.rendering.locales import nearest
from models.queries.configuring import catalog, templates
from models.queries.console import history
from models.queries.planning import events
from models.queries.sending import digested
from models.query import Story
from models.readings.deliveries import Delivery
from models.records import Json, TemplateVersion

_HEADERS = {
    **UNSEEN,
    "Content-Security-Policy": (
        "sandbox allow-popups allow-popups-to-escape-sandbox"
        " allow-top-navigation-by-user-activation; default-src 'none'; img-src https: http: data:;"
        " style-src 'unsafe-inline' https:; font-src https:; form-action 'none';"
        " frame-ancestors 'none'; base-uri 'none'"
    ),
}
"""As a mail client shows it: pictures and fonts, but no scripts and no forms."""

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[Depends(for_people)],
)


@router.api_route("/v/{token}", methods=["GET", "HEAD"])
async def show(token: str, edge: TheEdge) -> Response:
    """Show a mail as long as what it said is kept; what is secret never is."""
    identifier = read_view(token, edge.link_keys)
    if identifier is None:
        raise TroubleError(Trouble.UNKNOWN)
    async with edge.database.begin() as tx:
        found = await tx.run(history.deliveries_by_id([identifier]))
        kept = await tx.follow(_kept(found[0])) if found else None
    html = None if kept is None else _html(*kept, found[0].content_hash)
    if html is None:
        raise TroubleError(Trouble.FORGOTTEN)
    return HTMLResponse(hidden(html), headers=_HEADERS)


def _kept(delivery: Delivery) -> Story[tuple[TemplateVersion, Json] | None]:
    """The words of a delivery, and what they were filled with."""
    topic = (yield catalog.topics()).get(delivery.topic)
    if topic is None or topic.sensitive or delivery.context is None or delivery.template is None:
        return None
    context: Json = unpacked(bytes(delivery.context))
    texts = yield templates.texts(delivery.template, delivery.template_version or 0)
    version = nearest(context.get("locale"), texts)
    if version is not None and lacks_news(context):
        news = yield from _news(delivery)
        return None if news is None else (version, {**news, **context})
    return None if version is None else (version, context)


def _news(delivery: Delivery) -> Story[Json | None]:
    """What was too large to be kept with it, from the rows it still stands in."""
    found = yield events.read_events([delivery.event_id])
    if event := found.get(delivery.event_id):
        return None if event.data is None else {"data": json.loads(event.data)}
    held = yield from digested.news(delivery.event_id)
    return None if held is None else told(*held)


def _html(version: TemplateVersion, context: Json, sent: bytes | None) -> str | None:
    """What was sent; `None` where it cannot be told any more."""
    try:
        content = fill_quickly(_prepared(version), context)
    except (OverBudgetError, RenderingError):
        return None
    return content.html if sent is not None and content.digest() == bytes(sent) else None


@lru_cache(maxsize=32)
def _prepared(version: TemplateVersion) -> Template:
    return prepare(version)
