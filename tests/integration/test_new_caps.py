"""Caps that come into force learn what was sent before."""

from delivery.api.gauges import reading
from delivery.limits.caps import counter
from scheduler.keeping import warming
from tests.caps import PROMO, cap, publish
from tests.integration.conftest import Workers
from tests.integration.test_caps import HELD, slots, states, topics
from tests.pipeline import Pipeline


class TestANewRule:
    """It knows what was sent before it was published."""

    async def test_counts_what_was_sent_before(self, pipeline: Pipeline):
        await topics(pipeline)
        await pipeline.run(pipeline.emit("news"), pipeline.emit("order"))
        pipeline.travel(hours=1)
        await cap(pipeline, PROMO)
        await pipeline.run(pipeline.emit("news", ("anna", "bo")))
        assert states(pipeline) == {("sent", None): 2, HELD: 1}

    async def test_until_then_what_it_limits_waits(self, pipeline: Pipeline):
        await topics(pipeline)
        await publish(pipeline, PROMO)
        await pipeline.run(pipeline.emit("news"), pipeline.emit("order"))
        assert (states(pipeline), states(pipeline, "order")) == ({HELD: 1}, {("sent", None): 1})
        assert pipeline.value("SELECT trace -> 'gate' -> -1 ->> 2 FROM queue").endswith("warming")
        assert await warming.warm(pipeline.runtime) == 0  # others may not know the rule yet
        assert pipeline.rows("SELECT done_at FROM warmings") == [(None,)]
        assert b"\ntidings_caps_warming 1.0\n" in await reading.read(pipeline.runtime.database)
        pipeline.travel(seconds=6)
        await warming.warm(pipeline.runtime)
        assert b"\ntidings_caps_warming 0.0\n" in await reading.read(pipeline.runtime.database)
        await pipeline.send()
        assert states(pipeline) == {("sent", None): 1}

    async def test_counts_what_is_on_its_way(self, pipeline: Pipeline):
        await topics(pipeline)
        pipeline.emit("news")
        await pipeline.plan()
        pipeline.runtime.spawn = lambda work: work.close()  # type: ignore[method-assign,assignment]
        await pipeline.send()
        await cap(pipeline, PROMO)
        assert slots(pipeline) == 1

    async def test_asks_the_events_for_tags_and_looks_back_no_further_than_its_window(
        self, pipeline: Pipeline
    ):
        await topics(pipeline)
        await pipeline.run(pipeline.emit("news", ("bo",), tags=("spring",)))
        pipeline.travel(hours=2)
        await pipeline.run(
            pipeline.emit("news", tags=("spring", "x")), pipeline.emit("news", ("bo",))
        )
        await cap(pipeline, {**PROMO, "tags": ["spring"], "within": "1 hour"})
        assert (slots(pipeline), slots(pipeline, "bo")) == (1, 0)

    async def test_is_filled_once_by_however_many_and_goes_on_after_a_crash(self, workers: Workers):
        one, two = await workers(), await workers()
        await topics(one)
        await one.run(one.emit("news", ("anna", "bo")))
        await publish(one, PROMO)
        for worker in (one, two):
            await warming.warm(worker.runtime)
            worker.travel(seconds=6)
        await warming.warm(one.runtime)
        await warming.warm(two.runtime)
        one.run_sql("UPDATE warmings SET done_at = NULL, next_bucket = 0")
        two.forget_catalog()
        await warming.warm(two.runtime)
        assert (slots(one), slots(one, "bo")) == (1, 1)
        assert one.value("SELECT done_at IS NOT NULL FROM warmings")

    async def test_a_rule_that_was_away_learns_anew(self, pipeline: Pipeline):
        """While it was not in force nobody counted for it."""
        await topics(pipeline)
        await cap(pipeline, PROMO)
        await publish(pipeline)
        assert pipeline.value("SELECT count(*) FROM warmings") == 0
        await pipeline.run(pipeline.emit("news"))
        await cap(pipeline, PROMO)
        await pipeline.run(pipeline.emit("news"))
        assert states(pipeline) == {("sent", None): 1, HELD: 1}

    async def test_another_limit_is_another_counter(self, pipeline: Pipeline):
        await topics(pipeline)
        await cap(pipeline, PROMO)
        await pipeline.run(pipeline.emit("news"), pipeline.emit("news"))
        await cap(pipeline, {**PROMO, "limit": 2})
        pipeline.run_sql("UPDATE queue SET due_at = created_at")
        await pipeline.send()
        assert states(pipeline) == {("sent", None): 2}
        names = pipeline.column("SELECT jsonb_object_keys(slots) FROM ledger WHERE slots <> '{}'")
        assert len(names) == 2
        assert counter(pipeline.runtime.shelf.rulebook.caps[0]) in names
