"""Outboxes in producers' own databases: by name and URL, each on its own."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
import structlog
from psycopg.sql import SQL, Identifier

from models.database import UnavailableError
from models.queries.planning.producers import outbox_ddl
from models.queries.planning.sources import add_source
from models.records import Class, Source
from scheduler.keeping import lag, upkeep
from scheduler.planning import plan
from scheduler.planning.relays import Relays
from tests.edge import edge_on
from tests.mail_sender import eventually
from tests.pipeline import Pipeline, emit

SOURCE = UUID("00000000-0000-8000-8000-0000000000bb")
NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"
ROOT = Path(__file__).parent.parent.parent


@dataclass
class Producer:
    """A product's own database, with an outbox, and the URL of the role that drains it."""

    connection: psycopg.Connection[Any]
    url: str

    def emit(self, **columns: Any) -> UUID:
        given = {"topic": "board.shared", "recipients": ("anna",), "data": {"board": "R"}}
        return emit(self.connection, **{**given, **columns})

    def waiting(self) -> int:
        found = self.connection.execute("SELECT count(*) FROM outbox").fetchone()
        assert found
        return int(found[0])


@contextmanager
def producing(url: str, *, keep: bool = False) -> Iterator[Producer]:
    """An outbox made by the DDL that we print, drained by a role that may do nothing else."""
    role = f"relay_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(role)))
        try:
            connection.execute(outbox_ddl(role, keep=keep))  # type: ignore[arg-type]
            parts = urlsplit(url)
            host = parts.netloc.rpartition("@")[2]
            yield Producer(connection, parts._replace(netloc=f"{role}@{host}").geturl())
        finally:
            connection.execute(SQL("DROP OWNED BY {}").format(Identifier(role)))
            connection.execute(SQL("DROP ROLE {}").format(Identifier(role)))


@pytest.fixture
def producer(empty_database_url: str) -> Iterator[Producer]:
    with producing(empty_database_url) as made:
        yield made


async def add(pipeline: Pipeline, name: str, url: str, source: UUID = SOURCE) -> Source:
    added = Source(source, name, url)
    async with pipeline.runtime.database.begin() as tx:
        await tx.run(add_source(added, pipeline.clock.now()))
    pipeline.forget_catalog()
    await pipeline.runtime.shelf.refresh(pipeline.runtime.database)
    return added


async def test_drains_a_producers_own_database(pipeline: Pipeline, producer: Producer):
    await pipeline.topic()
    source = await add(pipeline, "shop", producer.url)
    good, bad = producer.emit(), producer.emit(priority=99)
    ours = pipeline.emit()
    assert await plan.drain(pipeline.runtime, source) == 2
    assert producer.waiting() == 0
    assert pipeline.event(good)[0] == "planned"
    assert pipeline.event(bad)[:2] == ("rejected", "bad_field")
    assert pipeline.column("SELECT DISTINCT source FROM v_events") == ["shop"]
    await pipeline.plan()
    assert pipeline.event(ours)[0] == "planned"


async def test_a_source_costs_a_worker_two_connections(pipeline: Pipeline, producer: Producer):
    await pipeline.topic("alarm", klass=Class.CRITICAL)
    source = await add(pipeline, "shop", producer.url)
    for _ in range(9):
        producer.emit(topic="alarm")
    pipeline.runtime.settings.worker_plan_batch = 1
    drains = (plan.drain, plan.drain_urgent, plan.drain_urgent)
    planned = await asyncio.gather(*(drain(pipeline.runtime, source) for drain in drains))
    assert (planned, await lag.look(pipeline.runtime)) == ([1, 1, 1], 1)
    held = "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'relay%'"
    assert producer.connection.execute(held).fetchall() == [(2,)]


async def test_a_source_may_change_its_name_and_its_url(pipeline: Pipeline, producer: Producer):
    await pipeline.topic()
    source = await add(pipeline, "shop", producer.url)
    producer.emit(dedup_key="k")
    refuse_deletes(producer)
    with pytest.raises(UnavailableError):
        await plan.drain(pipeline.runtime, source)
    producer.connection.execute("DROP FUNCTION refuse() CASCADE")
    moved = await add(pipeline, "store", f"{producer.url}&application_name=moved")
    producer.emit(dedup_key="k")
    assert await plan.drain(pipeline.runtime, moved) == 2
    assert producer.waiting() == 0
    assert pipeline.rows("SELECT source, duplicates FROM v_events") == [("store", 1)]


def refuse_deletes(producer: Producer) -> None:
    producer.connection.execute("""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'not yet' USING ERRCODE = '57014'; END $$;
        CREATE TRIGGER refuse BEFORE DELETE ON outbox EXECUTE FUNCTION refuse();
    """)


RELAY = """
import asyncio, sys
from models.database import Database
from scheduler.planning import plan
from scheduler.runtime import build_runtime

async def drain():
    runtime = build_runtime(sys.argv[1], bundled=False)
    catalog = await runtime.shelf.refresh(runtime.database)
    (source,) = (source for source in catalog.sources if source.url)
    await plan.drain(runtime, source)

asyncio.run(drain())
"""


async def test_a_relay_killed_between_the_two_commits_doubles_nothing(
    pipeline: Pipeline, producer: Producer
):
    await pipeline.topic()
    source = await add(pipeline, "shop", producer.url)
    rows = [producer.emit() for _ in range(5)]
    producer.connection.execute("""
        CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
        CREATE TRIGGER linger BEFORE DELETE ON outbox EXECUTE FUNCTION linger();
    """)
    relay = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RELAY, pipeline.url), cwd=ROOT
    )
    try:
        await eventually(lambda: pipeline.value("SELECT count(*) FROM events") == 5, within=20)
    finally:
        relay.send_signal(signal.SIGKILL)
        await relay.wait()
    end_sessions(producer)
    producer.connection.execute("DROP FUNCTION linger() CASCADE")
    assert producer.waiting() == 5
    assert await plan.drain(pipeline.runtime, source) == 5
    assert producer.waiting() == 0
    assert sorted(pipeline.column("SELECT outbox_id FROM events")) == sorted(rows)


def end_sessions(producer: Producer) -> None:
    """What the kernel does with a dead client's connection, only sooner."""
    producer.connection.execute("""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
    """)


async def test_a_row_that_nobody_foresaw_is_rejected_alone(pipeline: Pipeline, producer: Producer):
    """A producer made one of the outbox's columns a number; a bug of ours would do the same."""
    await pipeline.topic()
    source = await add(pipeline, "shop", producer.url)
    producer.connection.execute("ALTER TABLE outbox ALTER tenant TYPE int USING NULL")
    good = [producer.emit() for _ in range(3)]
    bad = producer.emit(tenant=7, dedup_key="k", data={"board": "Kept"})
    good += [producer.emit(dedup_key="k")]
    with structlog.testing.capture_logs() as told:
        assert await plan.drain(pipeline.runtime, source) == 5
    assert producer.waiting() == 0
    assert [pipeline.event(row)[0] for row in good] == ["planned"] * 4
    assert pipeline.event(bad) == ("rejected", "planning_crashed", "TypeError: see the log.")
    kept = "SELECT data ->> 'board', tenant, recipients FROM events WHERE outbox_id = %s"
    assert pipeline.row(kept, bad) == ("Kept", "7", ["anna"])
    (line,) = told
    assert (line["event"], line["outbox_id"]) == ("event.crashed", str(bad))
    assert line["exc_info"].__traceback__ is not None


@pytest.mark.parametrize("url", [NOWHERE, "no url at all"])
async def test_a_source_that_is_away_holds_nobody_up(
    pipeline: Pipeline, producer: Producer, url: str
):
    await pipeline.topic()
    await add(pipeline, "away", url, UUID(int=SOURCE.int + 1))
    await add(pipeline, "shop", producer.url)
    producer.emit()
    ours = pipeline.emit()
    began = time.monotonic()
    await pipeline.plan()
    assert pipeline.event(ours)[0] == "planned"
    relays = Relays()
    await relays.keep(pipeline.runtime)
    await eventually(lambda: producer.waiting() == 0, within=10)
    pipeline.runtime.stopping.set()
    assert time.monotonic() - began < 5
    await upkeep.purge(pipeline.runtime)
    await asyncio.sleep(0.3)


async def test_two_planners_share_a_source(
    workers: Callable[[], Awaitable[Pipeline]], producer: Producer
):
    one, two = await workers(), await workers()
    await one.topic()
    source = await add(one, "shop", producer.url)
    await two.runtime.shelf.refresh(two.runtime.database)
    rows = [producer.emit(dedup_key=f"k{number % 5}") for number in range(40)]
    for planner in (one, two):
        planner.runtime.settings.worker_plan_batch = 4
    while producer.waiting():
        await asyncio.gather(*(plan.drain(each.runtime, source) for each in (one, two)))
    assert one.value("SELECT count(*) FROM events") == 5
    assert one.value("SELECT count(*) FROM event_duplicates") == len(rows) - 5


async def test_a_source_tells_how_far_its_draining_is_behind(
    pipeline: Pipeline, producer: Producer
):
    runtime = pipeline.runtime
    await add(pipeline, "away", NOWHERE, UUID(int=SOURCE.int + 1))
    await add(pipeline, "shop", producer.url)
    producer.emit()
    producer.connection.execute("UPDATE outbox SET created_at = now() - interval '90 s'")
    producer.emit()
    assert await lag.look(runtime) == 2
    assert await lag.look(runtime) == 0, "nobody looks again within ten seconds"
    held = "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'relay%' AND state <> 'idle'"
    assert producer.connection.execute(held).fetchall() == [(0,)]
    async with edge_on(pipeline.url) as edge:
        text = (await edge.http.get("/metrics")).text
    assert 'tidings_source_waiting_rows{source="shop"} 2.0' in text
    assert re.search(r'tidings_source_oldest_seconds\{source="shop"\} 9\d\.', text)
    assert 'tidings_source_reachable{source="shop"} 1.0' in text
    assert 'tidings_source_reachable{source="away"} 0.0' in text
    producer.connection.execute("DELETE FROM outbox")
    pipeline.travel(seconds=11)
    assert await lag.look(runtime) == 2
    seen = pipeline.row(
        "SELECT rows, oldest, problem FROM source_standings WHERE source = %s", SOURCE
    )
    assert seen == (0, None, None)


async def test_a_rejected_event_is_counted_by_its_reason(pipeline: Pipeline):
    pipeline.emit("nope")
    await pipeline.plan()
    async with edge_on(pipeline.url) as edge:
        text = (await edge.http.get("/metrics")).text
    assert 'tidings_events_rejected_total{reason="unknown_topic"} 1.0' in text
