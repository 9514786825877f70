"""Who holds an old snapshot is named, and the console cannot."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from dashboard import data
from models.database import DatabaseError, SyncDatabase
from models.queries.keeping import snapshots
from models.queries.keeping.snapshots import Holder
from models.query import count, sql
from scheduler.examining import checkup
from tests.edge import edge_on


@contextmanager
def session(url: str, name: str, *statements: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody's session in the midst of a transaction."""
    with psycopg.connect(url, application_name=name) as connection:
        for statement in statements:
            connection.execute(statement)
        yield connection


READS = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT 1"
WRITES = ("INSERT INTO outbox (topic, recipients) VALUES ('x', '{anna}')",)


def held(url: str, longer_than: float = 0.0) -> list[Holder]:
    database = SyncDatabase.connect(url, "tests", 1)
    try:
        with database.begin() as tx:
            return [each for each in tx.run(snapshots.held(longer_than)) if "report" in each.name]
    finally:
        database.close()


@pytest.mark.parametrize("statements", [READS, WRITES])
def test_a_session_that_holds_a_snapshot_is_named(database_url: str, statements: tuple[str, ...]):
    with session(database_url, "a long report", *statements) as connection:
        time.sleep(0.2)
        (holder,) = held(database_url, 0.1)
        assert holder.pid == connection.info.backend_pid
        assert (holder.kind, holder.state) == ("session", "idle in transaction")
        assert holder.seconds is not None
        assert 0.1 < holder.seconds < 60
        assert holder.began is not None
        assert f"pid {holder.pid} (idle in transaction for 0 s, last statement at" in str(holder)
        assert held(database_url, 60) == []
    assert held(database_url) == []


def test_what_it_says_to_run_ends_it(database_url: str):
    with ExitStack() as stack:
        connection = stack.enter_context(session(database_url, "a long report", *READS))
        (holder,) = held(database_url)
        with psycopg.connect(database_url) as other:
            other.execute(holder.remedy)  # type: ignore[arg-type]
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
        assert held(database_url) == []


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("replication slot", "SELECT pg_drop_replication_slot('it''s')"),
        ("prepared transaction", "ROLLBACK PREPARED 'it''s'"),
    ],
)
def test_slots_and_prepared_transactions_have_their_own_remedy(kind: str, remedy: str):
    holder = Holder(kind, None, "it's", "unused", None, datetime.now(UTC), 5)
    assert holder.remedy == remedy
    assert str(holder).startswith(f"{kind} it's (unused, last statement")


def test_the_doctor_names_it(database_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checkup, "_HELD_TOO_LONG", 0.0)
    with session(database_url, "a long report", *READS) as connection:
        pid = connection.info.backend_pid
        found = [one for one in checkup.examine(database_url) if one.subject == "snapshots"]
    (mine,) = [one for one in found if "a long report" in one.finding]
    assert f"pid {pid} (idle in transaction" in mine.finding
    assert mine.advice == f"end it: SELECT pg_terminate_backend({pid})"


async def test_the_metric_names_the_oldest(database_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("delivery.api.gauges.reading._HELD", 0.1)
    with session(database_url, "a long report", *READS) as connection:
        pid = connection.info.backend_pid
        await asyncio.sleep(0.2)
        async with edge_on(database_url) as edge:
            told = await edge.http.get("/metrics")
    (line,) = [
        line for line in told.text.splitlines() if line.startswith("tidings_snapshot_held_seconds{")
    ]
    assert f'pid="{pid}"' in line
    assert 'name="a long report"' in line


def test_the_console_cannot_hold_one_by_waiting(database_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)
    data.settings.database_url.cache_clear()
    data.database.cache_clear()
    try:
        with pytest.raises(DatabaseError):
            _dawdle()
        with pytest.raises(DatabaseError, match="statement timeout"), data.database().begin() as tx:
            tx.run(sql("SELECT pg_sleep(20)", count))
    finally:
        data.database().close()
        data.settings.database_url.cache_clear()
        data.database.cache_clear()


def _dawdle() -> None:
    """A page that thinks in the midst of its transaction, as fast as a test can wait for it."""
    with data.database().begin() as tx:
        tx.run(sql("SET idle_in_transaction_session_timeout = '200ms'", count))
        tx.run(sql("SELECT 1", count))
        time.sleep(0.6)
        tx.run(sql("SELECT 1", count))
