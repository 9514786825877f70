"""`/o/{token}` and `/c/{token}`: opens and clicks. People first, counting after them.

Nothing here waits for the database: the answer is in the token. An address that says only what was
signed is followed; any other token is told off, never redirected.
"""

from hashlib import sha256
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from delivery.api.edge import Edge, TheEdge
from delivery.api.pages import UNSEEN
from delivery.api.troubles import Trouble, TroubleError
from delivery.engagement.signs import seen, source_of
from delivery.engagement.ways import Way, read_click, read_open
from models.records import OWN_VENDOR, Feedback, Kind

_PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
"""A transparent GIF of one pixel."""
_URL_SAFE = ":/?#[]@!$&'()*+,;=%~"
"""What an address keeps as it is in a header (RFC 3986, section 2.2); the rest is encoded."""

router = APIRouter(include_in_schema=False)


@router.api_route("/o/{token}", methods=["GET", "HEAD"])
async def opened(token: str, request: Request, edge: TheEdge) -> Response:
    """Answer with a pixel nobody sees."""
    way = read_open(token, edge.link_keys)
    if way is None:
        raise TroubleError(Trouble.UNKNOWN)
    _note(edge, request, Kind.OPENED, way)
    return Response(_PIXEL, media_type="image/gif", headers=UNSEEN)


@router.api_route("/c/{token}", methods=["GET", "HEAD"])
async def clicked(token: str, request: Request, edge: TheEdge) -> Response:
    """Send them on to exactly what was signed."""
    way = read_click(token, edge.link_keys)
    if way is None:
        raise TroubleError(Trouble.UNKNOWN)
    _note(edge, request, Kind.CLICKED, way)
    return Response(status_code=302, headers={**UNSEEN, "Location": quote(way.url, safe=_URL_SAFE)})


def _note(edge: Edge, request: Request, kind: Kind, way: Way) -> None:
    """Keep what can be known of it, without waiting; all within a second are one."""
    at = edge.database.clock.now()
    code = seen(request.method, request.headers).code
    source = source_of(request.client.host if request.client else "", at.date(), edge.source_key)
    told = {"link": way.link, "source": source, "code": code}
    name = f"{way.delivery_id} {kind} {way.link} {source} {code} {int(at.timestamp())}"
    event = Feedback(
        OWN_VENDOR, sha256(name.encode()).hexdigest()[:32], kind, at, way.delivery_id,
        None, None, None, told,
    )  # fmt: skip
    edge.hits.note(event)
