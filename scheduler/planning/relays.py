"""Producers' own databases: each is drained by a tick of its own, so none waits for another."""

import asyncio

from models.records import Source
from scheduler.planning import plan
from scheduler.runtime import Runtime
from scheduler.ticking.linger import Tick
from scheduler.ticking.outage import Outage


class Relays:
    """The running drains of all sources but ours."""

    def __init__(self) -> None:
        self._running: dict[Source, asyncio.Task[None]] = {}

    async def keep(self, runtime: Runtime) -> int:
        """Start a drain for each source that has none; end those of sources that changed."""
        catalog = await runtime.shelf.refresh(runtime.database)
        wanted = {source for source in catalog.sources if source.url is not None}
        for source in self._running.keys() - wanted:
            self._running.pop(source).cancel()
        for source in wanted:
            task = self._running.get(source)
            if task is None or task.done():
                self._running[source] = asyncio.create_task(_drain(runtime, source))
        return 0


async def _drain(runtime: Runtime, source: Source) -> None:
    away, stopping = Outage(source.name), runtime.stopping
    ticks = (
        Tick(away, lambda: plan.drain(runtime, source), asyncio.Event(), stopping),
        Tick(away, lambda: plan.drain_urgent(runtime, source), asyncio.Event(), stopping),
    )
    async with asyncio.TaskGroup() as both:
        for tick in ticks:
            both.create_task(tick.run())
