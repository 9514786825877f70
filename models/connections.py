"""The asyncio connections of one process to one database."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

Driver = psycopg.AsyncConnection


@dataclass
class Connections:
    """Opened when they are needed, kept, and lent to one task at a time.

    Each commits its statements one by one unless it is told BEGIN. Nothing is tried twice here:
    who gets an error backs off, and comes again when it likes.

    Attributes:
        url: As libpq reads it.
        most: So many are lent at once; who comes later waits.
        options: Further parameters of each connection.
        patience: Seconds to wait for a connection that somebody else uses.
    """

    url: str
    most: int
    options: Mapping[str, Any]
    patience: float = 30.0
    _idle: list[Driver] = field(default_factory=list)
    _room: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        """Make room for `most`."""
        self._room = asyncio.Semaphore(self.most)

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Driver]:
        """A connection for this block.

        Raises:
            TimeoutError: None became free in time.
            psycopg.Error: The server cannot be reached, or refuses.
        """
        await self._wait_for_room()
        try:
            connection = self._kept() or await self.open()
            try:
                yield connection
            finally:
                await self._take_back(connection)
        finally:
            self._room.release()

    async def _wait_for_room(self) -> None:
        try:
            async with asyncio.timeout(self.patience):
                await self._room.acquire()
        except TimeoutError:
            who = self.options.get("application_name", "tidings")
            raise TimeoutError(
                f"all {self.most} connections of {who} were in use for {self.patience:g} s;"
                " a worker's number is TIDINGS_WORKER_CONNECTIONS"
            ) from None

    async def open(self) -> Driver:
        """One connection more, which its caller closes."""
        return await Driver.connect(self.url, autocommit=True, **self.options)

    async def close(self) -> None:
        """Close what nobody uses."""
        while self._idle:
            await self._idle.pop().close()

    def _kept(self) -> Driver | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed:
                return connection
        return None

    async def _take_back(self, connection: Driver) -> None:
        """Keep it if it can be used again; one in the midst of something is closed."""
        if connection.info.transaction_status is TransactionStatus.IDLE:
            self._idle.append(connection)
            return
        lost = connection.broken
        await connection.close()
        if lost:  # with one the server took from us the others went too
            await self.close()


@asynccontextmanager
async def transaction(connection: Driver) -> AsyncIterator[None]:
    """BEGIN, the block, COMMIT; an exception rolls back, or leaves the connection to be closed."""
    await connection.execute("BEGIN", prepare=False)
    try:
        yield
    except Exception:
        with suppress(psycopg.Error):
            await connection.rollback()
        raise
    await connection.commit()
