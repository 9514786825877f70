"""Heartbeats, and what workers do when nothing else is to be done."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from importlib.metadata import version

from scheduler import timetable
from scheduler.keeping import upkeep
from scheduler.ticking.linger import Tick
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]


async def test_a_worker_says_that_it_lives(pipeline: Pipeline):
    for _ in range(2):
        await upkeep.heartbeat(pipeline.runtime)
        pipeline.travel(seconds=10)
    seen, host, skew = pipeline.row(
        "SELECT seen_at - started_at, version, clock_skew_ms FROM workers"
    )
    assert timedelta(seconds=10) <= seen < timedelta(seconds=11)
    assert host == version("tidings")
    assert abs(skew + 10_000) < 1000, "ten seconds behind the database's time"


async def test_workers_not_seen_for_an_hour_are_forgotten(workers: Workers):
    one, two = await workers(), await workers()
    await upkeep.heartbeat(one.runtime)
    two.travel(minutes=59)
    await upkeep.purge(two.runtime)
    assert one.value("SELECT count(*) FROM workers") == 1
    two.travel(minutes=2)
    await upkeep.heartbeat(two.runtime)
    await upkeep.purge(two.runtime)
    assert one.column("SELECT worker FROM workers") == [two.runtime.worker]


async def test_expired_idempotency_keys_go(pipeline: Pipeline):
    pipeline.run_sql("""
        INSERT INTO idempotency VALUES (gen_random_uuid(), 'k', '', gen_random_uuid(),
                                        now() + interval '1 h')""")
    await upkeep.purge(pipeline.runtime)
    assert pipeline.value("SELECT count(*) FROM idempotency") == 1
    pipeline.travel(hours=2)
    await upkeep.purge(pipeline.runtime)
    assert pipeline.value("SELECT count(*) FROM idempotency") == 0


async def test_keys_that_expired_by_the_thousands_go_at_once(pipeline: Pipeline):
    pipeline.run_sql("""
        INSERT INTO event_keys
        SELECT n % 1024, gen_random_uuid(), 'r:' || n, gen_random_uuid(), gen_random_uuid(),
               current_date, '', now() - interval '1 h' FROM generate_series(1, 12000) n""")
    await upkeep.purge(pipeline.runtime)
    assert pipeline.value("SELECT count(*) FROM event_keys") == 0


async def test_folding_looks_only_at_what_is_not_folded_yet(pipeline: Pipeline):
    pipeline.run_sql("""
        INSERT INTO rollups
        SELECT n % 1024, CAST('00000000-0000-0000-0000-000000000000' AS uuid),
               now() - n * interval '1 min', 't', 'email', '', '', 'promotional', 'sent', '', 1, 0
          FROM generate_series(1, 20000) n""")
    pipeline.run_sql("ANALYZE rollups")
    plan = pipeline.column("""
        EXPLAIN DELETE FROM rollups WHERE bucket = ANY('{1,2}') AND minute < now()
           AND batch <> CAST('00000000-0000-0000-0000-000000000000' AS uuid)""")
    assert "rollups_unfolded" in "".join(plan)
    pipeline.run_sql("TRUNCATE rollups")


async def test_every_tick_of_the_timetable_runs_on_an_empty_database(pipeline: Pipeline):
    for work, _ in timetable.UPKEEP:
        await work(pipeline.runtime)


async def test_a_hot_tick_works_until_it_is_told_to_stop(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.people("anna")
    rows = [pipeline.emit() for _ in range(3)]
    done = 0

    async def step() -> int:
        nonlocal done
        done += 1
        if done == 3:
            pipeline.runtime.stopping.set()
        return 0

    runtime = pipeline.runtime
    await Tick(runtime.outage, step, runtime.queue_came.ear(), runtime.stopping).run()
    assert done == 3
    await pipeline.run()
    assert {pipeline.event(row)[0] for row in rows} == {"planned"}
