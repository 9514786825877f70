"""Days of history: made before they are needed, dropped when nothing needs them any more."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta

import psycopg
import pytest

from models.ids import day_of
from models.queries.keeping.partitions import AHEAD, HISTORY
from models.query import Answer, sql
from scheduler.keeping import partitions, upkeep
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]


@pytest.fixture
async def pipeline(setting: Callable[[str, str], None], workers: Workers) -> Pipeline:
    """A worker that keeps its history for two days."""
    setting("RETENTION_DAYS", "2")
    return await workers()


def days(pipeline: Pipeline, table: str = "deliveries") -> list[str]:
    return pipeline.column(
        "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
        " WHERE inhparent = CAST(%s AS regclass) ORDER BY 1",
        table,
    )


def name(pipeline: Pipeline, ahead: int = 0) -> str:
    return f"deliveries_{day_of(pipeline.clock.now()) + timedelta(days=ahead):%Y%m%d}"


async def test_a_week_is_made_ahead(pipeline: Pipeline):
    pipeline.travel(days=30)
    await upkeep.prepare_days(pipeline.runtime)
    for ahead in range(AHEAD + 1):
        assert name(pipeline, ahead) in days(pipeline)
    assert name(pipeline, AHEAD + 1) not in days(pipeline)
    again = days(pipeline)
    await upkeep.prepare_days(pipeline.runtime)
    assert days(pipeline) == again


async def test_a_missing_day_is_made_on_the_spot(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.people("anna")
    pipeline.travel(days=100)
    assert name(pipeline) not in days(pipeline)
    row = pipeline.emit()
    await pipeline.run()
    assert pipeline.event(row)[0] == "planned"
    assert name(pipeline) in days(pipeline)


async def test_a_day_that_went_while_we_worked_is_made_again(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit()
    await pipeline.plan()
    pipeline.run_sql("TRUNCATE events, deliveries, queue, rollups, event_keys")
    for table in HISTORY:
        pipeline.run_sql(f"DROP TABLE {name(pipeline).replace('deliveries', table)}")
    row = pipeline.emit()
    await pipeline.plan()
    assert pipeline.event(row) == ("planned", None, None)


async def test_workers_make_the_same_day_at_once(pipeline: Pipeline, workers: Workers):
    others = [pipeline, await workers(), await workers()]
    day = day_of(pipeline.clock.now()) + timedelta(days=200)
    await asyncio.gather(*(partitions.ensure_day(each.runtime, day) for each in others))
    assert name(pipeline, 200) in days(pipeline)


async def test_drops_days_past_their_retention(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit(recipients=("nobody",))
    await pipeline.run()
    first = name(pipeline)
    pipeline.travel(days=2)
    await upkeep.purge(pipeline.runtime)
    assert first in days(pipeline)
    pipeline.travel(days=1)
    await upkeep.purge(pipeline.runtime)
    for table in HISTORY:
        assert first.replace("deliveries", table) not in days(pipeline, table)
    assert pipeline.value("SELECT to_regclass(%s)", first) is None


async def test_keeps_a_day_that_something_in_the_queue_belongs_to(pipeline: Pipeline):
    await pipeline.topic(lifetime=timedelta(days=30))
    pipeline.people("anna")
    pipeline.emit(not_before=pipeline.clock.now() + timedelta(days=10))
    await pipeline.plan()
    first = name(pipeline)
    pipeline.travel(days=9)
    await upkeep.purge(pipeline.runtime)
    assert first in days(pipeline)
    pipeline.travel(days=2)
    await pipeline.feed()
    await upkeep.purge(pipeline.runtime)
    assert first not in days(pipeline)
    pipeline.run_sql("TRUNCATE inbox, ledger, rollups")  # they outlive the day


async def test_keeps_a_day_with_something_in_doubt(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit(recipients=("nobody",))
    await pipeline.run()
    pipeline.run_sql("UPDATE deliveries SET state = 'in_doubt', reason = 'no_answer'")
    first = name(pipeline)
    pipeline.travel(days=5)
    await upkeep.purge(pipeline.runtime)
    assert first in days(pipeline)
    pipeline.run_sql("TRUNCATE events, deliveries, rollups")  # its counts are older than itself


async def test_keeps_a_day_whose_event_is_still_expanding(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit(recipients=tuple(f"r{number}" for number in range(1001)))
    await pipeline.plan()
    first = name(pipeline)
    pipeline.travel(days=5)
    await upkeep.purge(pipeline.runtime)
    assert first in days(pipeline)
    await pipeline.expand()
    assert pipeline.value("SELECT count(*) FROM deliveries") == 1001


async def test_purges_what_has_no_days(pipeline: Pipeline):
    await pipeline.topic(dedup_window=timedelta(days=1))
    for _ in range(2):
        pipeline.emit(dedup_key="k", recipients=("nobody",))
    await pipeline.run()
    await upkeep.heartbeat(pipeline.runtime)
    pipeline.travel(days=4)
    await upkeep.purge(pipeline.runtime)
    for table in ("event_duplicates", "rollups", "latencies", "workers"):
        assert pipeline.value(f"SELECT count(*) FROM {table}") == 0
    assert pipeline.column("SELECT left(key, 2) FROM event_keys") == ["r:", "r:"]


@contextmanager
def reading(url: str) -> Iterator[psycopg.Connection]:
    """Somebody's long report over the history."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT count(*) FROM deliveries, feedback")
        yield connection


async def test_a_long_report_only_postpones_the_drop(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit(recipients=("nobody",))
    await pipeline.run()
    first = name(pipeline)
    pipeline.travel(days=4)
    with reading(pipeline.url):
        began = time.monotonic()
        await upkeep.purge(pipeline.runtime)
        assert time.monotonic() - began < 10, "upkeep waits for the report"
        row = pipeline.emit(recipients=("nobody",))
        await pipeline.run()
        assert pipeline.event(row)[0] == "planned"
    await upkeep.purge(pipeline.runtime)
    assert first not in days(pipeline)
    assert pipeline.value("SELECT to_regclass(%s)", first) is None


async def test_a_drop_that_had_to_wait_leaves_no_timeout_behind(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit(recipients=("nobody",))
    await pipeline.run()
    pipeline.travel(days=4)
    with reading(pipeline.url):
        await upkeep.purge(pipeline.runtime)
    timeouts = set()
    async with AsyncExitStack() as stack:
        for _ in range(4):
            tx = await stack.enter_async_context(pipeline.runtime.database.autocommit())
            timeouts.add(await tx.run(sql("SHOW lock_timeout", Answer.scalar_one)))
    assert timeouts == {"0"}
