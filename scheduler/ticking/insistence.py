"""Work that must get through, however long the database is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from models.database import UnavailableError
from scheduler.ticking.outage import Outage

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0

T = TypeVar("T")


async def insist(
    outage: Outage,
    work: Callable[[], Awaitable[T]],
    *,
    while_: Callable[[], bool] = lambda: True,
    longest: float = _LONGEST_PAUSE,
) -> T:
    """Do the work; as long as `while_` says so, again and again while the database is away.

    Args:
        outage: What the waiting is counted to.
        work: May run many times.
        while_: Whether there is still a point in it.
        longest: Most seconds between two tries.

    Raises:
        UnavailableError: It is away, and there is no more point in waiting.
    """
    me, pause = object(), _SHORTEST_PAUSE
    try:
        while True:
            try:
                return await work()
            except UnavailableError as error:
                if not while_():
                    raise
                outage.hit(me, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)
    finally:
        outage.over(me)
