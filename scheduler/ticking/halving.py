"""Batches that fail by what is in them: halved until the culprit is alone."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from models.database import UnavailableError

T = TypeVar("T")


async def halved(
    items: Sequence[T],
    work: Callable[[Sequence[T]], Awaitable[None]],
    alone: Callable[[T, Exception], Awaitable[None]],
) -> None:
    """Do the work for all items, or for halves of them; the culprit is settled alone.

    A culprit has values that can never be stored (`DataError`), or it meets a bug of ours (any
    other exception). A database that is away is nobody's fault: that passes through, and the
    whole batch comes again.
    """
    if not items:
        return
    try:
        await work(items)
    except (UnavailableError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the others
        if len(items) == 1:
            await alone(items[0], error)
            return
        middle = len(items) // 2
        await halved(items[:middle], work, alone)
        await halved(items[middle:], work, alone)
