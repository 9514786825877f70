"""How a hot tick stays awake: it repeats while there is work and polls while there is none.

APScheduler starts it, and starts it again should it ever end by a bug; a run stays, so that
there is never a moment in which nobody looks (docs/adr/0003-hot-ticks-stay.md).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from models.database import UnavailableError
from scheduler.ticking.outage import Outage

POLL = 0.025
"""Seconds between two looks for work while there was some lately."""
_SLEEPY_POLL = 0.1
_SLEEPY_AFTER = 30.0
_SHORTEST_PAUSE, LONGEST_PAUSE = 0.25, 5.0


class Tick:
    """One hot tick: a step that says how much it did, and the event that wakes it."""

    def __init__(
        self,
        outage: Outage,
        step: Callable[[], Awaitable[int]],
        came: asyncio.Event,
        stopping: asyncio.Event,
        poll: float = POLL,
    ) -> None:
        self._outage = outage
        self._poll = poll
        self._step = step
        self._came = came
        self._stopping = stopping
        self._worked_at = time.monotonic()
        self._pause = 0.0
        self.ended = asyncio.Event()
        self.ended.set()

    async def run(self) -> None:
        """Repeat the step until we must stop; without work, look again every 25 ms.

        A database that is away is asked again at growing intervals.
        """
        self.ended.clear()
        try:
            await self._run()
        finally:
            self.ended.set()

    async def _run(self) -> None:
        while not self._stopping.is_set():
            self._came.clear()
            try:
                did = await self._step()
            except UnavailableError as error:
                await self._back_off(error)
                continue
            self._is_back()
            if did:
                self._worked_at = time.monotonic()
            else:
                await self._wait()

    async def _back_off(self, error: UnavailableError) -> None:
        self._outage.hit(self, error)
        self._pause = min(max(self._pause * 2, _SHORTEST_PAUSE), LONGEST_PAUSE)
        await asyncio.sleep(self._pause)

    def _is_back(self) -> None:
        self._outage.over(self)
        self._pause = 0.0

    async def _wait(self) -> None:
        sleepy = time.monotonic() - self._worked_at > _SLEEPY_AFTER
        try:
            async with asyncio.timeout(max(_SLEEPY_POLL, self._poll) if sleepy else self._poll):
                await self._came.wait()
        except TimeoutError:
            pass
