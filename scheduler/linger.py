"""How a hot tick stays awake: it repeats while there is work and polls a while without.

APScheduler starts it each second; inside, polling every 25 ms keeps the latency low without
25 ms jobs, of which the scheduler would drop and log most.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from models.database import UnavailableError

_STAY = 0.9
_POLL = 0.025
_SLEEPY_POLL = 0.1
_SLEEPY_AFTER = 30.0
_BACKOFF = 1.0

log = structlog.get_logger()


class Tick:
    """One hot tick: a step that says how much it did, and the event that wakes it."""

    def __init__(
        self,
        name: str,
        step: Callable[[], Awaitable[int]],
        came: asyncio.Event,
        stopping: asyncio.Event,
    ) -> None:
        self._name = name
        self._step = step
        self._came = came
        self._stopping = stopping
        self._worked_at = time.monotonic()
        self._down = False

    async def run(self) -> int:
        """Repeat the step until 0.9 s pass without work; what it did in all."""
        done, idle_since = 0, time.monotonic()
        while not self._stopping.is_set():
            self._came.clear()
            did = await self._try()
            if did:
                done += did
                idle_since = self._worked_at = time.monotonic()
            elif time.monotonic() - idle_since > _STAY:
                break
            else:
                await self._wait()
        return done

    async def _try(self) -> int:
        """One step; a database that is away is logged once and given a moment."""
        try:
            did = await self._step()
        except UnavailableError as error:
            if not self._down:
                log.warning("database.unavailable", tick=self._name, error=str(error))
            self._down = True
            await asyncio.sleep(_BACKOFF)
            return 0
        if self._down:
            log.info("database.back", tick=self._name)
        self._down = False
        return did

    async def _wait(self) -> None:
        sleepy = time.monotonic() - self._worked_at > _SLEEPY_AFTER
        try:
            async with asyncio.timeout(_SLEEPY_POLL if sleepy else _POLL):
                await self._came.wait()
        except TimeoutError:
            pass
