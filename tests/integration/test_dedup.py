"""The same row again, the same key again: whatever crashed between, everything happens once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from models.database import UnavailableError
from scheduler.keeping import upkeep
from scheduler.planning import plan
from tests.pipeline import Pipeline

REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'not yet' USING ERRCODE = '57014'; END $$;
    CREATE TRIGGER refuse BEFORE DELETE ON outbox EXECUTE FUNCTION refuse();
"""
"""Our commit gets through, the delete in the outbox does not: as if we had crashed between."""

API_SOURCE = UUID("00000000-0000-8000-8000-0000000000aa")


async def plan_and_crash(pipeline: Pipeline) -> None:
    """Everything but the outbox delete, and not a word about it."""
    pipeline.run_sql(REFUSE)
    with pytest.raises(UnavailableError, match="not yet"):
        await pipeline.plan()
    pipeline.run_sql("DROP FUNCTION refuse() CASCADE")


def count(pipeline: Pipeline, table: str) -> int:
    found: int = pipeline.value(f"SELECT count(*) FROM {table}")
    return found


async def test_a_crash_between_the_two_commits_doubles_nothing(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.people("anna")
    good, bad = pipeline.emit(dedup_key="k"), pipeline.emit("nope")
    pipeline.emit(dedup_key="k", data={"board": "Other"})
    await plan_and_crash(pipeline)
    assert count(pipeline, "outbox") == 3
    await pipeline.run()
    assert (count(pipeline, "outbox"), count(pipeline, "events")) == (0, 2)
    assert (count(pipeline, "deliveries"), count(pipeline, "inbox")) == (1, 1)
    assert count(pipeline, "event_duplicates") == 1
    assert pipeline.event(good)[0] == "planned"
    assert pipeline.event(bad)[0] == "rejected"


async def test_a_replay_after_midnight_is_still_a_replay(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit()
    pipeline.emit(recipients=("bo",), dedup_key="k")
    await plan_and_crash(pipeline)
    days = pipeline.column("SELECT DISTINCT day FROM events")
    pipeline.travel(days=1)
    await pipeline.plan()
    assert (count(pipeline, "outbox"), count(pipeline, "events")) == (0, 2)
    assert pipeline.column("SELECT DISTINCT day FROM deliveries") == days


async def test_a_replay_of_a_dropped_day_is_still_a_replay(
    setting: Callable[[str, str], None], workers: Callable[[], Awaitable[Pipeline]]
):
    setting("RETENTION_DAYS", "2")
    pipeline = await workers()
    await pipeline.topic()
    pipeline.emit(dedup_key="k", recipients=("nobody",))
    await plan_and_crash(pipeline)
    await pipeline.feed()
    pipeline.travel(days=4)
    await upkeep.purge(pipeline.runtime)
    assert count(pipeline, "events") == 0
    await pipeline.plan()
    assert (count(pipeline, "outbox"), count(pipeline, "events")) == (0, 0)
    pipeline.emit(dedup_key="k")
    await pipeline.plan()  # its original is gone, its name is not
    assert (count(pipeline, "events"), count(pipeline, "event_duplicates")) == (0, 1)


@pytest.mark.parametrize("source", [None, API_SOURCE], ids=["written in SQL", "posted"])
async def test_a_row_that_waits_for_weeks_keeps_its_key(pipeline: Pipeline, source: UUID | None):
    await pipeline.topic()
    pipeline.run_sql(
        "INSERT INTO sources (source, name, enabled, created_at) VALUES (%s, 'app', true, now())",
        API_SOURCE,
    )
    pipeline.emit(source=source)
    await plan_and_crash(pipeline)
    pipeline.travel(days=36)
    await upkeep.purge(pipeline.runtime)
    await pipeline.plan()
    assert (count(pipeline, "outbox"), count(pipeline, "events")) == (0, 1)


async def test_keys_of_rows_long_gone_are_forgotten(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit(dedup_key="k")
    await pipeline.plan()
    assert count(pipeline, "event_keys") == 2
    pipeline.travel(days=8)
    await upkeep.purge(pipeline.runtime)
    assert pipeline.column("SELECT left(key, 2) FROM event_keys") == ["r:"]
    pipeline.run_sql("DELETE FROM events")
    pipeline.run_sql("DELETE FROM deliveries")
    pipeline.run_sql("DELETE FROM queue")
    pipeline.run_sql("DELETE FROM rollups")
    pipeline.travel(days=28)
    await upkeep.purge(pipeline.runtime)
    assert count(pipeline, "event_keys") == 0


async def test_a_key_used_again_within_its_window_is_counted_and_listed(pipeline: Pipeline):
    await pipeline.topic(dedup_window=timedelta(days=2))
    first = pipeline.emit(dedup_key="k")
    same = pipeline.emit(dedup_key="k")
    await pipeline.plan()
    pipeline.travel(days=2, seconds=-5)
    other = pipeline.emit(dedup_key="k", data={"board": "Other"}, recipients=("bo",))
    await pipeline.plan()
    assert pipeline.row("SELECT outbox_id, duplicates FROM v_events") == (first, 2)
    listed = pipeline.rows(
        "SELECT outbox_id, differs, data ->> 'board' FROM event_duplicates ORDER BY seen_at"
    )
    assert listed == [(same, False, "Roadmap"), (other, True, "Other")]
    assert count(pipeline, "deliveries") == 1


async def test_asking_for_a_duplicate_finds_the_original(pipeline: Pipeline):
    await pipeline.topic()
    first, same = pipeline.emit(dedup_key="k"), pipeline.emit(dedup_key="k")
    await pipeline.plan()
    keys = dict(pipeline.rows("SELECT key, event_id FROM event_keys"))
    assert keys[f"r:{same}"] == keys[f"r:{first}"]


async def test_a_key_is_free_again_after_its_window(pipeline: Pipeline):
    await pipeline.topic(dedup_window=timedelta(days=2))
    first = pipeline.emit(dedup_key="k")
    await pipeline.plan()
    pipeline.travel(days=2, seconds=5)
    second, third = pipeline.emit(dedup_key="k"), pipeline.emit(dedup_key="k")
    await pipeline.plan()
    found = dict(pipeline.rows("SELECT outbox_id, duplicates FROM v_events"))
    assert found == {first: 0, second: 1}
    assert pipeline.column("SELECT outbox_id FROM event_duplicates") == [third]


async def test_a_key_is_free_after_a_rejection(pipeline: Pipeline):
    await pipeline.topic()
    bad = pipeline.emit(dedup_key="k", priority=99)
    good = pipeline.emit(dedup_key="k")
    await pipeline.plan()
    assert pipeline.event(bad)[0] == "rejected"
    assert pipeline.event(good)[0] == "planned"
    again = pipeline.emit(dedup_key="k", priority=99)
    await pipeline.plan()
    assert pipeline.event(again)[0] == "rejected"
    assert count(pipeline, "event_duplicates") == 0


async def test_two_sources_do_not_share_their_keys(pipeline: Pipeline):
    await pipeline.topic()
    rows = [pipeline.emit(dedup_key="k", source=source) for source in (None, API_SOURCE)]
    await pipeline.plan()
    assert [pipeline.event(row)[0] for row in rows] == ["planned", "planned"]
    pipeline.emit(dedup_key="k", source=API_SOURCE)
    await pipeline.plan()
    assert pipeline.column("SELECT source FROM event_duplicates") == [API_SOURCE]


async def test_planners_at_once_make_each_row_one_event(
    setting: Callable[[str, str], None], workers: Callable[[], Awaitable[Pipeline]]
):
    setting("WORKER_PLAN_BATCH", "7")
    planners = [await workers() for _ in range(3)]
    await planners[0].topic()
    keyed = [planners[0].emit(dedup_key=f"k{number % 12}") for number in range(120)]
    free = [planners[0].emit() for _ in range(60)]
    done = await asyncio.gather(*(planner.plan() for planner in planners))
    assert sum(done) == 180
    assert sum(1 for share in done if share) > 1, "only one planner worked"
    events = planners[0].column("SELECT outbox_id FROM events")
    listed = planners[0].column("SELECT outbox_id FROM event_duplicates")
    assert sorted([*events, *listed]) == sorted([*keyed, *free])
    assert (
        planners[0].column(
            "SELECT count(*) FROM events WHERE dedup_key IS NOT NULL GROUP BY dedup_key"
        )
        == [1] * 12
    )


async def test_two_planners_with_one_key_each_make_one_event(
    workers: Callable[[], Awaitable[Pipeline]],
):
    one, two = await workers(), await workers()
    await one.topic()
    for number in range(10):
        rows = [one.emit(dedup_key=f"k{number}") for _ in range(2)]
        # Each planner's claim skips what the other one holds.
        one.run_sql(
            "UPDATE outbox SET created_at = created_at - interval '1 s' WHERE id = %s", rows[0]
        )
        one.runtime.settings.worker_plan_batch = two.runtime.settings.worker_plan_batch = 1
        await asyncio.gather(plan.step(one.runtime), plan.step(two.runtime))
    await one.plan()
    assert count(one, "events") == count(one, "event_duplicates") == 10
