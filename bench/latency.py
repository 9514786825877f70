"""Commit → handed over: rows inserted at ten a second, and when their mail reached its dot."""

import asyncio
import re
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench.ground import Ground
from bench.measure import Figures
from bench.population import ORDER, order
from bench.sink import serve
from bench.worker import Setting, working

_EVERY = 0.1
_NUMBER = re.compile(rb"Your order A(\d+) is on its way")
_INSERT = "INSERT INTO outbox (topic, recipients, data) VALUES (%s, %s, %s)"


@contextmanager
def _stopwatch() -> Iterator[tuple[int, dict[int, float]]]:
    """A mail server in a thread of its own: its port, and when each order's mail came."""
    arrived: dict[int, float] = {}
    loop = asyncio.new_event_loop()

    def note(message: bytes, at: float) -> None:
        if found := _NUMBER.search(message):
            arrived[int(found[1])] = at

    server = loop.run_until_complete(serve(0, note))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1], arrived
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        server.close()
        loop.close()


def run(ground: Ground, rows: int) -> Figures:
    """Milliseconds from the commit of an INSERT to the final dot of its mail."""
    with (
        _stopwatch() as (port, arrived),
        ground.database() as url,
        working(ground, url, Setting(port)),
        psycopg.connect(url, autocommit=True) as producer,
    ):
        committed = {}
        for number in range(rows):
            producer.execute(_INSERT, (ORDER, [f"user-{number}"], order(number)))
            committed[number] = time.time()
            time.sleep(_EVERY)
        end = time.monotonic() + 30
        while len(arrived) < rows and time.monotonic() < end:
            time.sleep(0.05)
    took = sorted((arrived[number] - committed[number]) * 1000 for number in arrived)
    if len(took) != rows:
        raise SystemExit(f"bench: {len(took)} of {rows} mails came")
    return {"p50 ms": statistics.median(took), "p99 ms": took[int(len(took) * 0.99)]}
