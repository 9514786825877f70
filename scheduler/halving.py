"""Batches whose values the database refuses: halved until the culprit is alone."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from models.database import DataError

T = TypeVar("T")


async def halved(
    items: Sequence[T],
    work: Callable[[Sequence[T]], Awaitable[None]],
    alone: Callable[[T, DataError], Awaitable[None]],
) -> None:
    """Do the work for all items, or for halves of them; the culprit is settled alone.

    Only values that can never be stored are anybody's fault: every other error of the
    database passes through, and the whole batch comes again.
    """
    if not items:
        return
    try:
        await work(items)
    except DataError as error:
        if len(items) == 1:
            await alone(items[0], error)
            return
        middle = len(items) // 2
        await halved(items[:middle], work, alone)
        await halved(items[middle:], work, alone)
