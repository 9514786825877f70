"""The connections of a process: as many as were said, and none lent that cannot be used."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest

from models.connections import Connections, transaction
from models.database import Database, UnavailableError
from models.query import sql
from models.urls import parameters
from tests.mail_sender import eventually

ONE = sql("SELECT 1", lambda result: result.scalar_one())


@pytest.fixture
async def connections(database_url: str) -> AsyncIterator[Connections]:
    made = Connections(database_url, 2, parameters("tidings test"), patience=1)
    yield made
    await made.close()


@pytest.fixture
def watching(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def sessions(watching: psycopg.Connection[Any], state: str = "%") -> list[int]:
    """The server's processes that serve the connections under test."""
    found = watching.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'tidings test' AND state LIKE %s ORDER BY pid",
        [state],
    )
    return [pid for (pid,) in found]


async def lent(connections: Connections, seconds: float = 0.0) -> int:
    """The server's process of a connection that was lent for a while."""
    async with connections.lend() as connection:
        await asyncio.sleep(seconds)
        return connection.info.backend_pid


async def two(connections: Connections) -> set[int]:
    """Both connections, opened and idle."""
    return set(await asyncio.gather(lent(connections, 0.1), lent(connections, 0.1)))


async def fails(connections: Connections, text: str) -> None:
    async with connections.lend() as connection, transaction(connection):
        await connection.execute(text.encode())


async def test_each_is_opened_when_it_is_needed_and_kept(
    connections: Connections, watching: psycopg.Connection[Any]
):
    assert sessions(watching) == []
    assert await lent(connections) == await lent(connections)
    assert len(sessions(watching)) == 1
    assert len(await two(connections)) == 2


async def test_who_comes_when_all_are_lent_waits(
    connections: Connections, watching: psycopg.Connection[Any]
):
    came = await asyncio.gather(*(lent(connections, 0.02) for _ in range(9)))
    assert set(came) == set(sessions(watching))
    assert len(sessions(watching)) == 2


async def test_who_waits_too_long_is_told_what_to_do(connections: Connections):
    database = Database(connections)
    async with connections.lend(), connections.lend():
        with pytest.raises(UnavailableError, match=r"all 2 .* tidings test .*_CONNECTIONS"):
            await database.run(ONE)
    assert len(await two(connections)) == 2, "who went away took no room with it"


async def test_a_query_that_is_given_up_costs_its_own_connection_alone(
    connections: Connections, watching: psycopg.Connection[Any]
):
    before = await two(connections)
    task = asyncio.create_task(fails(connections, "SELECT pg_sleep(60)"))
    await eventually(lambda: len(sessions(watching, "active")) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await eventually(lambda: len(sessions(watching)) == 1)
    assert set(sessions(watching)) < before
    assert len(await two(connections)) == 2


async def test_with_one_that_the_server_took_the_idle_ones_go_too(
    connections: Connections, watching: psycopg.Connection[Any]
):
    before = await two(connections)
    for pid in before:
        watching.execute("SELECT pg_terminate_backend(%s)", [pid])
    await eventually(lambda: not sessions(watching))
    with pytest.raises(psycopg.OperationalError):
        await fails(connections, "SELECT 1")
    assert not before & await two(connections), "one error, however many were lost"


async def test_after_an_error_the_same_connection_goes_on(connections: Connections):
    before = await lent(connections)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await fails(connections, "SELECT 1 / 0")
    assert await lent(connections) == before


async def test_a_transaction_that_is_left_open_is_lent_to_nobody(connections: Connections):
    async with connections.lend() as connection:
        before = connection.info.backend_pid
        await connection.execute("BEGIN")
    assert await lent(connections) != before
