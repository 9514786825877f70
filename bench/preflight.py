"""The pre-flight of a campaign for everybody: µs a member, and what a million would take so."""

import asyncio
import os
import time

from bench.cpu import Meter
from bench.ground import Ground
from bench.measure import Figures
from bench.population import NEWS
from models.database import SyncDatabase
from models.queries.audiences import catalog as audiences
from models.queries.audiences.catalog import Saving
from models.queries.campaigns import campaigns
from scheduler import collector
from scheduler.campaigns.preflight import foretell
from scheduler.runtime import build_runtime

_KEY = "bench"
_EVERYBODY = {
    "key": _KEY, "title": "Everybody", "all": [{"about": "locale", "in": ["en"]}],
}  # fmt: skip
_MILLION = 1_000_000


def run(ground: Ground, over: str | None) -> Figures:
    """One pre-flight in this process: whom the template knows, by mail, at once or spread."""
    with ground.database() as url:
        _plant(url, over)
        return asyncio.run(_measured(ground, url))


async def _measured(ground: Ground, url: str) -> Figures:
    runtime = build_runtime(url, bundled=True)
    collector.spare()  # as the worker and the command that do this have it
    slowest, last = 0.0, time.perf_counter()

    async def told(_done: int, _of: int) -> None:
        nonlocal slowest, last
        slowest, last = max(slowest, time.perf_counter() - last), time.perf_counter()

    try:
        with Meter(os.getpid(), ground.postmaster) as measured:
            found = await foretell(runtime, _KEY, told)
    finally:
        await runtime.close()
    figures = measured.figures(found.audience)
    million = _MILLION / figures["per second"]
    return {**figures, "1 M s": million, "between progress s": slowest}


def _plant(url: str, over: str | None) -> None:
    document = {
        "key": _KEY, "title": "News", "topic": NEWS, "audience": _KEY,
        "steps": [{"key": "first"}], "schedule": {"over": over} if over else {},
    }  # fmt: skip
    database = SyncDatabase.connect(url, "tidings bench")
    now = database.now()
    with database.begin() as tx:
        tx.follow(audiences.save(Saving(_KEY, "Everybody", _EVERYBODY, None, "", "us", now), None))
        tx.run(campaigns.add(document, "us", now))
    database.close()
