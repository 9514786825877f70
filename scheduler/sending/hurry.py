"""Giving way: whoever begins something long waits a moment while critical news passes."""

import asyncio
import time
from contextlib import suppress

_LONGEST = 0.05
"""Seconds that others give way at most; a code takes less, as a rule."""


class Hurry:
    """Whether something critical is on its way through this process."""

    def __init__(self) -> None:
        self._until = 0.0
        self._calm = asyncio.Event()

    def begin(self) -> None:
        """Something critical is on its way."""
        self._until = time.monotonic() + _LONGEST

    def end(self) -> None:
        """It is through."""
        self._until = 0.0
        self._calm.set()

    async def give_way(self) -> None:
        """Wait until it is through, once and briefly: nobody is kept for ever."""
        left = self._until - time.monotonic()
        if left <= 0:
            return
        self._calm.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._calm.wait()
