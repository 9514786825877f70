"""pgqueuer on the same server: how fast it takes jobs in and how fast it gets no-op jobs done.

    python -m bench.peers.pgqueuer process|enqueue URL POSTMASTER JOBS

Its best settings in our tries: asyncpg, batches of 500, uvloop. It is told to stop when empty.
"""

import json
import logging
import os
import sys
from datetime import timedelta

import asyncpg
import uvloop
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

from bench.cpu import Meter
from bench.measure import Figures
from bench.population import PAYLOAD

_AT_ONCE = 1000
_BATCH = 500


async def process(url: str, postmaster: int, jobs: int) -> Figures:
    """Have so many no-op jobs done."""
    connection, queries = await _installed(url)
    await _enqueue(queries, jobs)
    await connection.execute("VACUUM ANALYZE pgqueuer")
    await connection.execute("CHECKPOINT")
    manager, done = QueueManager(queries), 0

    @manager.entrypoint("noop")
    async def noop(_: Job) -> None:
        nonlocal done
        done += 1

    with Meter(os.getpid(), postmaster) as meter:
        await manager.run(
            mode=QueueExecutionMode.drain,
            batch_size=_BATCH,
            dequeue_timeout=timedelta(seconds=1),
        )
    assert done == jobs
    return meter.figures(jobs)


async def enqueue(url: str, postmaster: int, jobs: int) -> Figures:
    """Take so many jobs in, a thousand at a time."""
    connection, queries = await _installed(url)
    await connection.execute("CHECKPOINT")
    with Meter(os.getpid(), postmaster) as meter:
        await _enqueue(queries, jobs)
    return meter.figures(jobs)


async def _installed(url: str) -> tuple[asyncpg.Connection, Queries]:
    connection = await asyncpg.connect(url)
    queries = Queries(AsyncpgDriver(connection))
    await queries.install()
    return connection, queries


async def _enqueue(queries: Queries, jobs: int) -> None:
    payload = PAYLOAD.encode()
    for start in range(0, jobs, _AT_ONCE):
        number = min(_AT_ONCE, jobs - start)
        await queries.enqueue(["noop"] * number, [payload] * number, [0] * number)


def main() -> None:
    logging.disable(logging.CRITICAL)
    what, url, postmaster, jobs = sys.argv[1:]
    run = {"process": process, "enqueue": enqueue}[what]
    json.dump(uvloop.run(run(url, int(postmaster), int(jobs))), sys.stdout)


if __name__ == "__main__":
    main()
