"""Commit → handed over: ten events a second, and when their mail reached its final dot.

Events come as rows by SQL, which a tick finds when it looks next, or through our API, which wakes
the worker.
"""

import asyncio
import json
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sized
from contextlib import AbstractContextManager, contextmanager

import httpx
import psycopg

from bench.ground import Ground
from bench.measure import Figures
from bench.population import ORDER, order
from bench.sink import serve
from bench.worker import Setting, working
from scheduler.services import free_port

_EVERY = 0.1
_NUMBER = re.compile(rb"Your order A(\d+) is on its way")
_INSERT = "INSERT INTO outbox (topic, recipients, data) VALUES (%s, %s, %s)"


@contextmanager
def stopwatch() -> Iterator[tuple[int, dict[int, float]]]:
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


Emit = Callable[[int], None]
"""Emits the event with this number, and returns when it is committed."""


@contextmanager
def _by_sql(_ground: Ground, url: str, _setting: Setting) -> Iterator[Emit]:
    with psycopg.connect(url, autocommit=True) as producer:

        def emit(number: int) -> None:
            producer.execute(_INSERT, (ORDER, [f"user-{number}"], order(number)))

        yield emit


@contextmanager
def _by_api(ground: Ground, url: str, setting: Setting) -> Iterator[Emit]:
    port = free_port(18080)
    environment = {**setting.environment(url), "TIDINGS_API_PORT": str(port)}
    command = [sys.executable, "-m", "scheduler"]
    key = subprocess.run(
        [*command, "keys", "create", "bench"], env=environment, capture_output=True, check=True
    )
    bearer = {"Authorization": f"Bearer {key.stdout.decode().strip()}"}
    with (
        (ground.folder / "api.log").open("ab") as log,
        subprocess.Popen(
            [*command, "api"], env=environment, cwd=ground.folder, stdout=log, stderr=log
        ) as api,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=bearer) as client,
    ):

        def emit(number: int) -> None:
            event = {
                "topic": ORDER,
                "recipients": [f"user-{number}"],
                "data": json.loads(order(number)),
            }
            answer = client.post("/v1/events", json=event, headers={"Idempotency-Key": str(number)})
            answer.raise_for_status()

        try:
            _await(client)
            yield emit
        finally:
            api.terminate()


def _await(client: httpx.Client) -> None:
    for _ in range(100):
        try:
            client.get("/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("bench: the API does not answer")


def by_sql(ground: Ground, rows: int) -> Figures:
    """Milliseconds from the commit of an INSERT to the final dot of its mail."""
    return _run(ground, rows, _by_sql)


def by_api(ground: Ground, rows: int) -> Figures:
    """Milliseconds from the API's 202 to the final dot of its mail."""
    return _run(ground, rows, _by_api)


def _run(
    ground: Ground,
    rows: int,
    producing: Callable[[Ground, str, Setting], AbstractContextManager[Emit]],
) -> Figures:
    with stopwatch() as (port, arrived), ground.database() as url:
        setting = Setting(port)
        with working(ground, url, setting), producing(ground, url, setting) as emit:
            committed = {}
            for number in range(rows):
                emit(number)
                committed[number] = time.time()
                time.sleep(_EVERY)
            await_all(arrived, rows)
    took = sorted((arrived[number] - committed[number]) * 1000 for number in arrived)
    if len(took) != rows:
        raise SystemExit(f"bench: {len(took)} of {rows} mails came")
    return {"p50 ms": statistics.median(took), "p99 ms": took[int(len(took) * 0.99)]}


def await_all(arrived: Sized, rows: int) -> None:
    end = time.monotonic() + 30
    while len(arrived) < rows and time.monotonic() < end:
        time.sleep(0.05)
