"""Events for very many people: planned chunk by chunk, each chunk once."""

import asyncio
from collections.abc import Awaitable, Callable

from scheduler.planning import fanout
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]

MANY = 100_000


async def test_a_hundred_thousand_recipients_get_a_delivery_each(workers: Workers):
    one, two = await workers(), await workers()
    await one.topic()
    row = one.emit(
        recipients=tuple(f"r{number}" for number in range(MANY)), actor="r7", data={"x": "y" * 5000}
    )
    await one.plan()
    assert one.event(row)[0] == "expanding"
    assert one.value("SELECT recipients IS NULL AND recipient_count = %s FROM events", MANY)
    assert one.value("SELECT count(*) FROM deliveries") == 0
    await two.runtime.shelf.refresh(two.runtime.database)
    await asyncio.gather(one.expand(), two.expand())
    assert one.event(row)[0] == "planned"
    assert one.value("SELECT count(DISTINCT recipient_id) FROM deliveries") == MANY
    assert one.rows("SELECT state, count(*) FROM deliveries GROUP BY 1 ORDER BY 1") == [
        ("scheduled", MANY - 1), ("skipped", 1),
    ]  # fmt: skip
    assert one.value("SELECT count(*) FROM queue WHERE data IS NOT NULL") == 0


async def test_a_thousand_recipients_are_planned_at_once_and_one_more_is_not(pipeline: Pipeline):
    await pipeline.topic()
    names = tuple(f"r{number}" for number in range(1001))
    all_at_once = pipeline.emit(recipients=names[:1000])
    in_chunks = pipeline.emit(recipients=names)
    named_twice = pipeline.emit(recipients=(*names[:1000], "r1"))
    await pipeline.plan()
    states = [pipeline.event(row)[0] for row in (all_at_once, in_chunks, named_twice)]
    assert states == ["planned", "expanding", "planned"]
    await pipeline.expand()
    assert pipeline.event(in_chunks)[0] == "planned"


async def test_one_bad_recipient_of_many_rejects_the_event(pipeline: Pipeline):
    await pipeline.topic()
    row = pipeline.emit(recipients=(*(f"r{number}" for number in range(2000)), " bad"))
    await pipeline.plan()
    assert pipeline.event(row)[:2] == ("rejected", "bad_recipient")
    assert pipeline.value("SELECT count(*) FROM expansions") == 0


async def test_an_expanding_event_keeps_what_it_says_for_each_delivery(pipeline: Pipeline):
    await pipeline.topic(words="{{ data.board }} by {{ event.actor }}")
    pipeline.people("r5")
    pipeline.emit(
        recipients=tuple(f"r{number}" for number in range(1500)), actor="cy", thread="board:1",
        locale="fr", tags=("a",), priority=6,
    )  # fmt: skip
    await pipeline.plan()
    await pipeline.expand()
    assert pipeline.rows("SELECT DISTINCT thread, locale, tags, lane / 16 FROM queue") == [
        ("board:1", "fr", ["a"], 6)
    ]
    await pipeline.feed()
    assert pipeline.column("SELECT body FROM inbox") == ["Roadmap by cy"]


async def test_a_worker_lost_after_the_last_chunk_leaves_no_event_expanding(pipeline: Pipeline):
    await pipeline.topic()
    row = pipeline.emit(recipients=tuple(f"r{number}" for number in range(1001)))
    await pipeline.plan()
    await pipeline.expand()
    # As it stands between the commit of the last chunk and the one that follows.
    pipeline.run_sql("UPDATE events SET state = 'expanding'")
    await fanout.finish(pipeline.runtime)
    assert pipeline.event(row)[0] == "planned"


async def test_a_topic_removed_meanwhile_stops_nobody_elses_event(pipeline: Pipeline):
    names = tuple(f"r{number}" for number in range(1001))
    await pipeline.topic("gone")
    await pipeline.topic()
    pipeline.emit("gone", recipients=names)
    kept = pipeline.emit(recipients=names)
    await pipeline.plan()
    pipeline.run_sql("DELETE FROM topic_steps WHERE topic = 'gone'")
    pipeline.run_sql("DELETE FROM topics WHERE topic = 'gone'")
    pipeline.forget_catalog()
    await pipeline.expand()
    assert pipeline.event(kept)[0] == "planned"
    assert pipeline.value("SELECT count(*) FROM deliveries") == 1001
