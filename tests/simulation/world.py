"""Workers in a world that is simulated but for their code and Postgres: clock, network, crashes.

Nothing here waits for time to pass, and nothing is drawn: what happens is what a test says.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

import psycopg

from models.clock import Clock
from models.connections import Connections
from models.database import Database, Transaction, UnavailableError
from models.query import Copy, Query
from scheduler.known.catalog import Shelf
from scheduler.runtime import build_runtime
from scheduler.sending.lanes import Turns
from tests.simulation.network import Killed, Server, Wire

T = TypeVar("T")
_BREATH = 0.001
_CALM = 50
"""Rounds of the event loop without a word to Postgres after which nothing more will happen."""


class Crash(Enum):
    KILLED = "the worker is killed"
    LOST = "the connection is lost"
    FROZEN = "the worker stands still"


@dataclass
class Time:
    """The database's time, and the time since boot, which never steps."""

    at: datetime
    boot: float = 0.0

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.boot += seconds


class SimulatedClock(Clock):
    def __init__(self, time: Time) -> None:
        super().__init__()
        self._time = time

    def now(self) -> datetime:
        return self._time.at

    def is_stale(self) -> bool:
        return False


@dataclass
class Fused(Database):
    """Connections of one worker, with a fuse.

    It burns by one at each moment: before each transaction, and after each commit.
    """

    fuse: int = 0
    crash: Crash | None = None
    dead: bool = False
    busy: int = 0
    going: asyncio.Event = field(default_factory=asyncio.Event)

    async def io(self, work: Awaitable[T]) -> T:
        """Wait for Postgres."""
        self.busy += 1
        try:
            return await work
        finally:
            self.busy -= 1

    async def moment(self) -> None:
        self.live()
        if self.fuse:
            self.fuse -= 1
            if not self.fuse:
                self._break()
        await self.going.wait()
        self.live()

    def live(self) -> None:
        if self.dead:
            raise Killed

    def _break(self) -> None:
        match self.crash:
            case Crash.KILLED:
                self.dead = True
                raise Killed
            case Crash.LOST:
                raise UnavailableError("lost, by the simulation")
            case Crash.FROZEN:
                self.going.clear()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with self._watched(super().begin()) as tx:
            yield tx

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[Transaction]:
        async with self._watched(super().autocommit()) as tx:
            yield tx

    @asynccontextmanager
    async def _watched(self, lent: Any) -> AsyncIterator[Transaction]:
        await self.moment()
        tx = await self.io(lent.__aenter__())
        try:
            yield _Watched(tx._driver, self)
        except BaseException as error:
            await self.io(lent.__aexit__(type(error), error, error.__traceback__))
            raise
        await self.io(lent.__aexit__(None, None, None))
        await self.moment()


class _Watched(Transaction):
    def __init__(self, driver: psycopg.AsyncConnection, database: Fused) -> None:
        super().__init__(driver)
        self._database = database

    async def run(self, query: Query[T]) -> T:
        self._database.live()
        return await self._database.io(super().run(query))

    async def copy(self, copy: Copy) -> None:
        self._database.live()
        await self._database.io(super().copy(copy))


class Worker:
    """One worker process; another takes its place when it is killed."""

    def __init__(self, lent: Connections, time: Time, server: Server, shelf: Shelf) -> None:
        self.wire = Wire(server)
        self.database = Fused(lent, SimulatedClock(time))
        self.database.going.set()
        self.runtime = build_runtime(lent.url, bundled=False)
        self.runtime.database = self.database
        self.runtime.boottime = lambda: time.boot
        self.runtime.providers = {"smtp": self.wire}
        self.runtime.shelf = shelf
        self.turns = Turns(300)
        self.ticking: asyncio.Task[int] | None = None

    def is_free(self) -> bool:
        return self.ticking is None or self.ticking.done()

    def go_on(self) -> None:
        self.database.going.set()

    def die(self) -> None:
        """Nothing of it goes on."""
        self.database.dead = True
        self.go_on()
        self.wire.cut()


Step = Callable[[Worker], Coroutine[Any, Any, int]]


@dataclass
class World:
    """Workers on one database, one server, one time."""

    lent: Connections
    time: Time
    shelf: Shelf
    server: Server = field(default_factory=Server)
    workers: list[Worker] = field(default_factory=list)
    bugs: list[object] = field(default_factory=list)

    def hire(self, places: int) -> None:
        while len(self.workers) < places:
            self.workers.append(Worker(self.lent, self.time, self.server, self.shelf))

    async def tick(self, place: int, step: Step, fuse: int = 0, crash: Crash | None = None) -> None:
        """One step of a worker that is not in the midst of one, and all that follows from it."""
        worker = self.workers[place]
        if not worker.is_free():
            return
        worker.database.fuse, worker.database.crash = fuse, crash
        worker.ticking = asyncio.create_task(step(worker))
        await self.quiet()
        worker.database.fuse = 0
        self._look(worker)
        if worker.database.dead:
            await self.bury(place)

    def _look(self, worker: Worker) -> None:
        if worker.ticking is None or not worker.ticking.done():
            return
        error = worker.ticking.exception()
        worker.ticking = None
        if error is not None and not isinstance(error, (Killed, UnavailableError)):
            raise error

    async def bury(self, place: int) -> None:
        """A killed worker's place is taken by a new one, which knows nothing."""
        worker = self.workers[place]
        worker.die()
        await self.quiet()
        self.workers[place] = Worker(self.lent, self.time, self.server, self.shelf)

    async def go_on(self, place: int) -> None:
        """A worker that stood still goes on where it was."""
        self.workers[place].go_on()
        await self.quiet()
        self._look(self.workers[place])

    async def answer(self, place: int) -> None:
        self.server.answer(place)
        await self.quiet()

    async def quiet(self) -> None:
        """Until nobody does anything any more, but wait for what a test decides."""
        calm = 0
        while calm < _CALM:
            busy = any(worker.database.busy for worker in self.workers)
            await asyncio.sleep(_BREATH if busy else 0)  # Postgres wants the processor, too
            calm = 0 if busy else calm + 1

    def mishap(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An exception nobody waited for."""
        if not isinstance(context.get("exception"), Killed):
            self.bugs.append(context)
