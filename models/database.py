"""Engines, transactions of either kind, and what the database may say."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, CursorResult, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from models.clock import Clock
from models.query import Copy, Query, sql

T = TypeVar("T")


class DatabaseError(Exception):
    """Something the database said; the SQLSTATE is `code`."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class DataError(DatabaseError):
    """The values cannot be stored (SQLSTATE 22, 23): the same again fails again."""


class UnavailableError(DatabaseError):
    """Anything else: lost, refused, locked, cancelled, full. Again later is right."""


def _translate(error: BaseException) -> DatabaseError:
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    code = getattr(error, "sqlstate", None) or ""
    refused = isinstance(error, (psycopg.DataError, psycopg.IntegrityError, UnicodeError))
    kind = DataError if refused or code[:2] in {"22", "23"} else UnavailableError
    return kind(str(error).splitlines()[0] if str(error) else type(error).__name__, code)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, psycopg.Error, UnicodeEncodeError, OSError) as error:
        raise _translate(error) from error


class Transaction:
    """An open asyncio transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def run(self, query: Query[T]) -> T:
        """Execute one query.

        Raises:
            DataError: The values cannot be stored.
            UnavailableError: Everything else the database may say.
        """
        with _translated():
            result = await self._connection.execute(query.statement, query.parameters)
            return query.shape(result)

    async def copy(self, copy: Copy) -> None:
        """Stream rows in with COPY."""
        if not copy.rows:
            return
        with _translated():
            raw = await self._connection.get_raw_connection()
            driver: Any = raw.driver_connection
            cursor = driver.cursor()
            async with cursor.copy(copy.command) as stream:
                for row in copy.rows:
                    await stream.write_row(row)


class SyncTransaction:
    """An open transaction for places where people click and for the command line."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, query: Query[T]) -> T:
        """Execute one query; raises as `Transaction.run`."""
        with _translated():
            return query.shape(self._connection.execute(query.statement, query.parameters))

    def copy(self, copy: Copy) -> None:
        """Stream rows in with COPY."""
        with _translated():
            driver: Any = self._connection.connection.driver_connection
            with driver.cursor().copy(copy.command) as stream:
                for row in copy.rows:
                    stream.write_row(row)


def _moment(result: CursorResult[Any]) -> datetime:
    moment: datetime = result.scalar_one()
    return moment


_NOW = sql("SELECT clock_timestamp()", _moment)


def sqlalchemy_url(url: str) -> str:
    """A libpq URL as SQLAlchemy wants it, with the driver named."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgresql", "postgres"} else url


def _connect_args(application: str, **options: str) -> dict[str, Any]:
    # A generic plan of a routed statement would visit every shard: see docs/scale.md.
    settings = {"plan_cache_mode": "force_custom_plan", "timezone": "UTC", **options}
    return {
        "application_name": application,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "connect_timeout": 10,
        "keepalives_idle": 15,
    }


@dataclass
class Database:
    """A pool of asyncio connections to one database, and its clock."""

    url: str
    engine: AsyncEngine
    clock: Clock = field(default_factory=Clock)

    @classmethod
    def connect(cls, url: str, application: str = "tidings", size: int = 8) -> "Database":
        """Prepare a pool; nothing is opened before the first transaction."""
        engine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=size,
            max_overflow=size,
            connect_args=_connect_args(application),
        )
        return cls(url, engine)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """A transaction, committed at the end of the block, rolled back by an exception.

        Raises:
            UnavailableError: No connection can be had, or the commit did not get through.
        """
        with _translated():
            async with self.engine.begin() as connection:
                yield Transaction(connection)

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[Transaction]:
        """A connection that commits each statement, for what refuses a transaction block."""
        with _translated():
            async with self.engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                yield Transaction(connection)

    async def listen(self, channel: str) -> AsyncIterator[None]:
        """One item for each NOTIFY on a channel, on a connection of its own.

        Raises:
            UnavailableError: The connection was lost.
        """
        with _translated():
            async with self.engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text(f"LISTEN {channel}"))
                raw = await connection.get_raw_connection()
                driver: Any = raw.driver_connection
                async for _ in driver.notifies():
                    yield None

    async def tell_time(self) -> datetime:
        """The database's time; asks it when the last reading is older than 10 s."""
        if self.clock.is_stale():
            async with self.begin() as tx:
                asked = time.monotonic()
                reading = await tx.run(_NOW)
                self.clock.sample(reading, asked, time.monotonic())
        return self.clock.now()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


@dataclass
class SyncDatabase:
    """A pool of ordinary connections, for the console and the command line."""

    engine: Engine

    @classmethod
    def connect(
        cls, url: str, application: str = "tidings", size: int = 4, **options: str
    ) -> "SyncDatabase":
        """Prepare a pool; `options` are server settings such as `statement_timeout`."""
        engine = create_engine(
            sqlalchemy_url(url),
            pool_size=size,
            max_overflow=size,
            pool_pre_ping=True,
            connect_args=_connect_args(application, **options),
        )
        return cls(engine)

    @contextmanager
    def begin(self) -> Iterator[SyncTransaction]:
        """A transaction, committed at the end of the block, rolled back by an exception."""
        with _translated(), self.engine.begin() as connection:
            yield SyncTransaction(connection)

    def now(self) -> datetime:
        """The database's time."""
        with self.begin() as tx:
            return tx.run(_NOW)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
