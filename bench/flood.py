"""Sends under a flood: what a mail waits for while vendors' events by the thousand are folded."""

import asyncio
import statistics
import time
from collections.abc import Mapping

import psycopg

from bench.feedback import plant, post
from bench.ground import Ground
from bench.latency import await_all, stopwatch
from bench.measure import Figures
from bench.population import ORDER, order
from bench.worker import Setting, Worker, working

_EVERY = 0.1
_INSERT = "INSERT INTO outbox (topic, recipients, data) VALUES (%s, %s, %s)"
_WAITING = "SELECT count(*) FROM feedback_waiting"


def idle(ground: Ground, rows: int) -> Figures:
    """Nothing comes back."""
    return _run(ground, rows, 0)


def flooded(ground: Ground, rows: int, events: int) -> Figures:
    """So many events wait to be folded when the first mail is wanted."""
    return _run(ground, rows, events)


def _run(ground: Ground, rows: int, events: int) -> Figures:
    with stopwatch() as (port, arrived), ground.database() as url:
        if events:
            asyncio.run(post(url, plant(url, events)))
        ground.checkpoint()
        with working(ground, url, Setting(port)) as worker:
            committed, left = _emit(url, worker, rows)
            await_all(arrived, rows)
    if len(arrived) != rows:
        raise SystemExit(f"bench: {len(arrived)} of {rows} mails came")
    took = sorted((arrived[number] - at) * 1000 for number, at in committed.items())
    p99 = took[int(len(took) * 0.99)]
    return {"p50 ms": statistics.median(took), "p99 ms": p99, "events left": float(left)}


def _emit(url: str, worker: Worker, rows: int) -> tuple[Mapping[int, float], int]:
    """When each row was committed, and how many events waited still behind the last one."""
    committed = {}
    with psycopg.connect(url, autocommit=True) as producer:
        for number in range(rows):
            producer.execute(_INSERT, (ORDER, [f"user-{number}"], order(number)))
            committed[number] = time.time()
            time.sleep(_EVERY)
    return committed, worker.count(_WAITING)
