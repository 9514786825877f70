"""People at the console: how long one waits when twenty click, spread out or all at once.

They speak to it as a browser does, over its websocket, and read its answers to the end; what
a browser then draws is not part of it.
"""

import asyncio
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from functools import partial
from html import unescape
from itertools import cycle
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import psycopg
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from bench.cpu import Meter, peak_memory
from bench.ground import Ground
from bench.measure import Figures
from bench.population import NOTE, ORDER, emit
from bench.smtp import free_port
from bench.worker import Setting, working
from scheduler.commands.link import sign_in_link

PEOPLE = 20
EVERY = 5.0
"""Seconds between two clicks of one person."""
PAGES = ("", "deliveries", "topics", "templates", "held", "feedback", "outbox", "suppressions")
"""Where people go, one after the other; the first is where one arrives."""
_READY_WITHIN = 60.0
_LARGEST = 64 << 20
_FIELD = re.compile(  # of a form that one sends unseen
    r'<input type="?hidden"? name="?(\w+)"? value="([^"]*)"'
)


class Door(NamedTuple):
    """Where the console is, what lets one in, and what its CPU is measured by."""

    base: str
    cookie: str
    meter: Meter


Play = Callable[[Door], Coroutine[Any, Any, list[float]]]
"""What people do; the seconds they waited each time."""


def clicking(ground: Ground, rows: int, clicks: int, smtp_port: int) -> Figures:
    """Everybody clicks so many times, one click every 5 s each, at moments of their own."""
    return _run(ground, rows, smtp_port, partial(_spread, clicks=clicks))


def at_once(ground: Ground, rows: int, clicks: int, smtp_port: int) -> Figures:
    """Everybody clicks in the same moment, so many times."""
    return _run(ground, rows, smtp_port, partial(_together, clicks=clicks))


def _run(ground: Ground, rows: int, smtp_port: int, play: Play) -> Figures:
    with _standing(ground, rows, smtp_port) as door:
        waits = sorted(asyncio.run(play(door)))
        return {
            "p50 s": statistics.median(waits),
            "p95 s": waits[int(len(waits) * 0.95)],
            "slowest s": waits[-1],
            "console ms": door.meter.worker_cpu / len(waits) * 1000,
            "postgres ms": door.meter.postgres_cpu / len(waits) * 1000,
            "MB": peak_memory(door.meter.worker),
        }


async def _spread(door: Door, *, clicks: int) -> list[float]:
    async with AsyncExitStack() as stack:
        people = await _people(stack, door)
        chance = random.Random(7)
        with door.meter:
            waits = await asyncio.gather(
                *(_one(person, pages, clicks, chance.random() * EVERY) for person, pages in people)
            )
    return [wait for each in waits for wait in each]


async def _one(
    person: ClientConnection, pages: Iterator[str], clicks: int, start: float
) -> list[float]:
    await asyncio.sleep(start)
    waits = []
    for _ in range(clicks):
        wait = await _click(person, next(pages))
        waits.append(wait)
        await asyncio.sleep(max(EVERY - wait, 0))
    return waits


async def _together(door: Door, *, clicks: int) -> list[float]:
    async with AsyncExitStack() as stack:
        people = await _people(stack, door)
        waits: list[float] = []
        with door.meter:
            for _ in range(clicks):
                waits += await asyncio.gather(*(_click(who, next(pages)) for who, pages in people))
    return waits


async def _people(
    stack: AsyncExitStack, door: Door
) -> list[tuple[ClientConnection, Iterator[str]]]:
    """Each has seen every page once, as people have who sit there all day."""
    headers = {"Cookie": door.cookie, "Origin": door.base}
    address = f"{door.base.replace('http', 'ws')}/_stcore/stream"
    people: list[tuple[ClientConnection, Iterator[str]]] = []
    for number in range(PEOPLE):
        opened = connect(address, additional_headers=headers, max_size=_LARGEST)
        person = await stack.enter_async_context(opened)
        pages = cycle([*PAGES[number % len(PAGES) :], *PAGES[: number % len(PAGES)]])
        await _click(person, next(pages))
        people.append((person, pages))
    for page in PAGES:
        await _click(people[0][0], page)
    return people


async def _click(person: ClientConnection, page: str) -> float:
    """Seconds until a page stands whole."""
    asked = BackMsg()
    asked.rerun_script.page_name = page
    asked.rerun_script.query_string = ""
    begun = time.monotonic()
    await person.send(asked.SerializeToString())
    while True:
        said = ForwardMsg.FromString(await person.recv(decode=False))
        if said.WhichOneof("type") == "script_finished":
            break
    if said.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
        raise SystemExit(f"bench: the console did not finish the page {page or 'overview'}")
    return time.monotonic() - begun


@contextmanager
def _standing(ground: Ground, rows: int, smtp_port: int) -> Iterator[Door]:
    """A console over the history of so many mails and items in the feed."""
    with ground.database() as url:
        with working(ground, url, Setting(smtp_port)) as worker, psycopg.connect(url) as producer:
            emit(producer, NOTE, rows, None)
            emit(producer, ORDER, rows, None)
            producer.commit()
            worker.await_empty("outbox")
            worker.await_empty("queue")
        with _console(ground, url) as (base, process):
            cookie = _cookie(sign_in_link(url, base))
            yield Door(base, cookie, Meter(process, ground.postmaster))


@contextmanager
def _console(ground: Ground, url: str) -> Iterator[tuple[str, int]]:
    port = free_port()
    command = [sys.executable, "-m", "dashboard", "--port", str(port)]
    with (
        (ground.folder / "console.log").open("ab") as log,
        subprocess.Popen(
            command, cwd=ground.folder, env=Setting().environment(url), stdout=log, stderr=log
        ) as process,
    ):
        try:
            yield _answering(f"http://127.0.0.1:{port}"), process.pid
        finally:
            process.terminate()


def _answering(base: str) -> str:
    end = time.monotonic() + _READY_WITHIN
    while time.monotonic() < end:
        with suppress(httpx.TransportError):
            if httpx.get(f"{base}/healthz").is_success:
                return base
        time.sleep(0.1)
    raise SystemExit(f"bench: the console does not answer after {_READY_WITHIN:g} s")


def _cookie(link: str) -> str:
    """The cookie of somebody who opened a sign-in link and sent its form."""
    site = urlsplit(link)
    base = f"{site.scheme}://{site.netloc}"
    with httpx.Client(base_url=base, headers={"Origin": base}) as client:
        form = {name: unescape(value) for name, value in _FIELD.findall(client.get(link).text)}
        answer = client.post("/login/link", data=form)
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise SystemExit(f"bench: the console let nobody in: {answer.status_code}")
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())
