"""Critical under load: what a code waits for while newsletters by the thousand want to go too."""

import statistics
import time
from datetime import UTC, datetime, timedelta

import psycopg

from bench.ground import Ground
from bench.latency import stopwatch
from bench.measure import Figures
from bench.population import CODE, NEWS, emit, order
from bench.worker import Setting, Worker, working

_EVERY = 0.1
_FIRST = 10_000_000
"""The number of the first code: newsletters have smaller ones."""
_LATER = timedelta(hours=1)
_INSERT = "INSERT INTO outbox (topic, recipients, data) VALUES (%s, %s, %s)"


def idle(ground: Ground, codes: int) -> Figures:
    """Nothing else is to be done."""
    return _run(ground, codes, 0, "outbox")


def outbox(ground: Ground, codes: int, load: int) -> Figures:
    """So many promotional rows wait in the outbox, committed before the first code."""
    return _run(ground, codes, load, "outbox")


def due(ground: Ground, codes: int, load: int) -> Figures:
    """So many promotional deliveries are due."""
    return _run(ground, codes, load, "queue")


def _run(ground: Ground, codes: int, load: int, where: str) -> Figures:
    with (
        stopwatch() as (port, arrived),
        ground.database() as url,
        working(ground, url, Setting(port)) as worker,
        psycopg.connect(url, autocommit=True) as producer,
    ):
        _load(producer, worker, load, where)
        committed = {}
        for number in range(_FIRST, _FIRST + codes):
            producer.execute(_INSERT, (CODE, [f"user-{number % 1000}"], order(number)))
            committed[number] = time.time()
            time.sleep(_EVERY)
        left = worker.count("SELECT count(*) FROM queue") + worker.count(
            "SELECT count(*) FROM outbox"
        )
        end = time.monotonic() + 60
        while not committed.keys() <= arrived.keys() and time.monotonic() < end:
            time.sleep(0.05)
    if missing := committed.keys() - arrived.keys():
        raise SystemExit(f"bench: {len(missing)} of {codes} codes did not come")
    took = sorted((arrived[number] - committed[number]) * 1000 for number in committed)
    return {
        "p50 ms": statistics.median(took),
        "p99 ms": took[int(len(took) * 0.99)],
        "load left": float(left),
    }


def _load(producer: psycopg.Connection, worker: Worker, load: int, where: str) -> None:
    if not load:
        return
    with producer.transaction():
        emit(producer, NEWS, load, datetime.now(UTC) + _LATER if where == "queue" else None)
        producer.execute("ANALYZE outbox")
    if where == "queue":
        worker.await_empty("outbox")
        producer.execute("UPDATE queue SET due_at = now(), held_for = NULL")
        producer.execute("VACUUM ANALYZE queue")
    time.sleep(1)
