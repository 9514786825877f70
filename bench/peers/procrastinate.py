"""procrastinate on the same server: how fast it gets no-op jobs done.

    python -m bench.peers.procrastinate URL POSTMASTER JOBS

Its best settings in our tries: ten jobs at once, uvloop. It is told to stop when empty.
"""

import json
import logging
import os
import sys
from typing import Any

import procrastinate
import psycopg
import uvloop

from bench.cpu import Meter
from bench.measure import Figures
from bench.population import PAYLOAD

_AT_ONCE = 1000
_CONCURRENCY = 10


async def process(url: str, postmaster: int, jobs: int) -> Figures:
    """Have so many no-op jobs done."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, max_size=10))
    done = 0

    @app.task(name="noop", queue="q")
    async def noop(**_: Any) -> None:
        nonlocal done
        done += 1

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for start in range(0, jobs, _AT_ONCE):
            await noop.batch_defer_async(*[json.loads(PAYLOAD)] * min(_AT_ONCE, jobs - start))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE procrastinate_jobs")
            connection.execute("CHECKPOINT")
        with Meter(os.getpid(), postmaster) as meter:
            await app.run_worker_async(
                wait=False, concurrency=_CONCURRENCY, install_signal_handlers=False
            )
    assert done == jobs
    return meter.figures(jobs)


def main() -> None:
    logging.disable(logging.CRITICAL)
    url, postmaster, jobs = sys.argv[1:]
    json.dump(uvloop.run(process(url, int(postmaster), int(jobs))), sys.stdout)


if __name__ == "__main__":
    main()
