"""Databases and transactions, asyncio's and ordinary ones, and what the database may say."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

import psycopg
from sqlalchemy import Engine, create_engine

from models.clock import Clock
from models.connections import Connections, transaction
from models.driver import DatabaseError, DataError, UnavailableError, as_psycopg, named, translated
from models.lines import lines
from models.query import Answer, Copy, Query, Story, sql
from models.urls import libpq_url, parameters, sqlalchemy_url

T = TypeVar("T")


__all__ = [
    "DataError", "Database", "DatabaseError", "SyncDatabase", "SyncTransaction", "Transaction",
    "UnavailableError",
]  # fmt: skip


_FEW = 12
"""Rows from which on COPY is worth its round trips."""


class Transaction:
    """What runs on one asyncio connection: a transaction, or statements that commit by themselves.

    Statements go to the driver (docs/adr/0010-the-driver-runs-the-statements.md).
    """

    def __init__(self, driver: psycopg.AsyncConnection) -> None:
        self._driver = driver

    async def run(self, query: Query[T]) -> T:
        """Execute one query.

        Raises:
            DataError: The values cannot be stored.
            UnavailableError: Everything else the database may say.
        """
        with translated():
            cursor = self._driver.cursor(row_factory=named)
            await cursor.execute(as_psycopg(query.statement), query.parameters)
            rows = [] if cursor.rownumber is None else await cursor.fetchall()
            return query.shape(Answer(rows, cursor.rowcount))

    async def copy(self, copy: Copy) -> None:
        """Write rows with COPY, or a few of them with INSERT, which takes one round trip."""
        if not copy.rows:
            return
        with translated():
            if len(copy.rows) <= _FEW:
                statement, values = copy.insertion
                await self._driver.execute(statement.encode(), values, prepare=False)
                return
            async with self._driver.cursor().copy(copy.command.encode()) as stream:
                await stream.write(lines(copy.rows))

    async def follow(self, story: Story[T]) -> T:
        """Execute the statements of a story, each with the answer to the one before it."""
        answer: Any = None
        while True:
            try:
                step = story.send(answer)
            except StopIteration as end:
                return cast("T", end.value)
            answer = await (self.copy(step) if isinstance(step, Copy) else self.run(step))


class SyncTransaction:
    """An open transaction for places where people click and for the command line."""

    def __init__(self, driver: psycopg.Connection) -> None:
        self._driver = driver

    def run(self, query: Query[T]) -> T:
        """Execute one query; raises as `Transaction.run`."""
        with translated():
            cursor = self._driver.cursor(row_factory=named)
            cursor.execute(as_psycopg(query.statement), query.parameters)
            rows = [] if cursor.rownumber is None else cursor.fetchall()
            return query.shape(Answer(rows, cursor.rowcount))

    def copy(self, copy: Copy) -> None:
        """Stream rows in with COPY."""
        with translated(), self._driver.cursor().copy(copy.command.encode()) as stream:
            stream.write(lines(copy.rows))

    def follow(self, story: Story[T]) -> T:
        """Execute the statements of a story, each with the answer to the one before it."""
        answer: Any = None
        while True:
            try:
                step = story.send(answer)
            except StopIteration as end:
                return cast("T", end.value)
            answer = self.run(step) if isinstance(step, Query) else self.copy(step)  # type: ignore[func-returns-value]


def _moment(result: Answer) -> datetime:
    moment: datetime = result.scalar_one()
    return moment


_NOW = sql("SELECT clock_timestamp()", _moment)


@dataclass
class Database:
    """A pool of asyncio connections to one database, and its clock."""

    connections: Connections
    clock: Clock = field(default_factory=Clock)

    @classmethod
    def connect(
        cls, url: str, application: str = "tidings", size: int = 16, **options: str
    ) -> "Database":
        """Prepare connections; none is opened before it is needed. `options` are the server's."""
        return cls(Connections(libpq_url(url), size, parameters(application, **options)))

    @property
    def url(self) -> str:
        """Where it is, as libpq reads it."""
        return self.connections.url

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """A transaction, committed at the end of the block, rolled back by an exception.

        Raises:
            UnavailableError: No connection can be had, or the commit did not get through.
        """
        with translated():
            async with self.connections.lend() as connection, transaction(connection):
                yield Transaction(connection)

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[Transaction]:
        """A connection that commits each statement, for what refuses a transaction block."""
        with translated():
            async with self.connections.lend() as connection:
                yield Transaction(connection)

    async def run(self, query: Query[T]) -> T:
        """One query in a transaction of its own: one round trip instead of three."""
        async with self.autocommit() as tx:
            return await tx.run(query)

    async def listen(self, channel: str) -> AsyncIterator[None]:
        """One item for each NOTIFY on a channel, on a connection of its own.

        Raises:
            UnavailableError: The connection was lost.
        """
        with translated():
            async with await self.connections.open() as connection:
                await connection.execute(f"LISTEN {channel}".encode())
                async for _ in connection.notifies():
                    yield None

    async def tell_time(self) -> datetime:
        """The database's time; asks it when the last reading is older than 10 s."""
        if self.clock.is_stale():
            async with self.autocommit() as tx:
                asked = time.monotonic()
                reading = await tx.run(_NOW)
                self.clock.sample(reading, asked, time.monotonic())
        return self.clock.now()

    async def close(self) -> None:
        """Close every connection."""
        await self.connections.close()


@dataclass
class SyncDatabase:
    """A pool of ordinary connections, for the console and the command line."""

    engine: Engine

    @classmethod
    def connect(
        cls, url: str, application: str = "tidings", size: int = 4, **options: str
    ) -> "SyncDatabase":
        """Prepare a pool; `options` are server settings such as `statement_timeout`.

        Raises:
            UnavailableError: The URL is none.
        """
        with translated():
            engine = create_engine(
                sqlalchemy_url(url),
                pool_size=size,
                max_overflow=size,
                pool_pre_ping=True,
                connect_args=parameters(application, **options),
            )
        return cls(engine)

    @contextmanager
    def begin(self) -> Iterator[SyncTransaction]:
        """A transaction, committed at the end of the block, rolled back by an exception."""
        with translated(), self.engine.begin() as connection:
            driver = cast("psycopg.Connection", connection.connection.driver_connection)
            yield SyncTransaction(driver)

    def now(self) -> datetime:
        """The database's time."""
        with self.begin() as tx:
            return tx.run(_NOW)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
