"""What a person's browser is told when there is nothing to show: a page, in their language."""

from collections.abc import AsyncIterator
from enum import Enum

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from delivery.api.pages import page, words_for
from models.database import UnavailableError

_LATER = {"Retry-After": "60"}
"""Seconds after which a person may try again while the database is away."""

log = structlog.get_logger()


class Trouble(Enum):
    """By the name of its texts; each has a status."""

    UNREADABLE = "unreadable", 400
    FOREIGN = "foreign", 403
    UNKNOWN = "unknown", 404
    EXPIRED = "expired", 410
    FORGOTTEN = "forgotten", 410
    AWAY = "away", 503


class TroubleError(Exception):
    """Raised anywhere on the way of a page."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.name)
        self.trouble = trouble


async def for_people() -> AsyncIterator[None]:
    """A dependency: what goes wrong on a route is told as a page."""
    try:
        yield
    except UnavailableError as error:
        raise TroubleError(Trouble.AWAY) from error
    except HTTPException as error:
        raise TroubleError(Trouble.UNREADABLE) from error


def _told(request: Request, error: Exception) -> HTMLResponse:
    assert isinstance(error, TroubleError)  # noqa: S101 - narrows what the registration says
    trouble = error.trouble
    log.info("page.refused", trouble=trouble.name.lower())
    words = words_for(request)
    name, status = trouble.value
    title, remedy = words.say(f"{name}_title"), words.say(f"{name}_text")
    response = page("trouble.html", words, status, title=title, remedy=remedy)
    if trouble is Trouble.AWAY:
        response.headers.update(_LATER)
    return response


def tell_troubles(app: FastAPI) -> None:
    """Answer what goes wrong on the pages for people with a page."""
    app.add_exception_handler(TroubleError, _told)
