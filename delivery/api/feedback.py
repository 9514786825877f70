"""`POST /feedback/{provider}`: what a vendor tells is verified, taken in, and only then answered.

It is folded by the workers within moments: a flood of events delays no send, and an event that
came before our own record can wait for it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request, Response

from delivery.api.edge import Desk, Edge, TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.errors import BadSignatureError, UnreadableError
from delivery.ports import Posted
from delivery.profiles import Fault
from delivery.webhooks import amazon_ses
from models.queries.folding import feedback
from models.records import Feedback

router = APIRouter(tags=["Feedback"])
log = structlog.get_logger()


@router.post(f"/feedback/{amazon_ses.VENDOR}", status_code=204)
async def take_from_amazon(request: Request, edge: TheEdge) -> Response:
    """Take Amazon SES's events in, through SNS; a subscription of a listed topic is confirmed.

    SNS signs with a certificate that is got from Amazon first, and remembered.
    """
    desk = _desk(edge, amazon_ses.VENDOR)
    bare = Posted(dict(request.headers), await request.body())
    with _told(amazon_ses.VENDOR):
        url = amazon_ses.certificate_url(bare, desk.secrets)
    posted = replace(bare, certificate=await edge.amazon.certificate(url))
    now = await edge.database.tell_time()
    await _keep(edge, _believed(amazon_ses.VENDOR, desk, posted, now), now)
    with _told(amazon_ses.VENDOR):
        confirm = amazon_ses.confirmation_url(posted)
    if confirm is not None:
        await edge.amazon.open(confirm)
        log.info("feedback.confirmed", vendor=amazon_ses.VENDOR)
    return Response(status_code=204)


@router.post("/feedback/{provider}", status_code=204)
async def take(
    provider: Annotated[str, Path(description="Key of the vendor whose webhook this is.")],
    request: Request,
    edge: TheEdge,
) -> Response:
    """Take a vendor's events in; the same again does nothing.

    Each vendor signs in its own way, with what the settings say; the operations guide tells how
    to point it here. The answer comes after the commit: what is not answered comes again.
    """
    desk = _desk(edge, provider)
    posted = Posted(dict(request.headers), await request.body())
    now = await edge.database.tell_time()
    await _keep(edge, _believed(provider, desk, posted, now), now)
    return Response(status_code=204)


def _desk(edge: Edge, provider: str) -> Desk:
    desk = edge.desks.get(provider)
    if desk is None:
        raise ProblemError(Kind.NOT_FOUND, "No vendor of this name is set up here.")
    return desk


def _believed(provider: str, desk: Desk, posted: Posted, now: datetime) -> list[Feedback]:
    """The events of a post, once it is clear who posted it."""
    with _told(provider):
        desk.webhook.verify(posted, desk.secrets, now)
        return desk.webhook.read(posted)


@contextmanager
def _told(provider: str) -> Iterator[None]:
    """Tell whoever posted what is wrong with it.

    Raises:
        ProblemError: Somebody else posted it, or it cannot be read.
    """
    try:
        yield
    except BadSignatureError as error:
        log.warning("feedback.forged", vendor=provider, why=str(error))
        raise ProblemError(Kind.UNAUTHORIZED, f"This is not from {provider}: {error}.") from error
    except UnreadableError as error:
        log.warning("feedback.unreadable", vendor=provider, why=str(error))
        raise invalid(Fault("", f"Not as {provider} documents it: {error}.")) from error


async def _keep(edge: Edge, events: Sequence[Feedback], now: datetime) -> None:
    """Let events wait to be folded; committed when this returns."""
    if events:
        async with edge.database.begin() as tx:
            new = await tx.run(feedback.take(events, now))
        log.info("feedback.taken", vendor=events[0].vendor, events=len(events), new=new)
