"""Work that must get through, however long the database is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from models.database import UnavailableError

_PAUSE = 1.0

T = TypeVar("T")
log = structlog.get_logger()


async def insist(
    work: Callable[[], Awaitable[T]], *, while_: Callable[[], bool] = lambda: True
) -> T:
    """Do the work; as long as `while_` says so, again each second while the database is away.

    Raises:
        UnavailableError: It is away, and there is no more point in waiting.
    """
    warned = False
    while True:
        try:
            return await work()
        except UnavailableError as error:
            if not while_():
                raise
            if not warned:
                log.warning("database.awaited", error=str(error))
            warned = True
            await asyncio.sleep(_PAUSE)
