"""Counts of moves: for each state what entered less what left is what is there."""

import asyncio
from collections.abc import Awaitable, Callable

from models.records import Class
from scheduler.keeping import upkeep
from tests.integration.test_leases import claim
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]


NAMES = tuple(f"r{number}" for number in range(8))


async def test_counts_add_up_through_a_whole_life(pipeline: Pipeline):
    """Skipped, sent, failed, retried, released, in doubt, expired; folded in between, twice."""
    await send_and_be_refused(pipeline)
    await fold(pipeline)
    pipeline.travel(hours=2)
    await pipeline.send()
    await lose_the_worker(pipeline)
    await fold(pipeline)
    await fold(pipeline)
    pipeline.travel(days=4)
    await pipeline.send()
    assert pipeline.value("SELECT count(*) FROM queue") == 0
    states = set(pipeline.column("SELECT DISTINCT state FROM deliveries"))
    assert states >= {"sent", "failed", "bounced", "skipped", "in_doubt", "expired"}
    await fold(pipeline)


async def send_and_be_refused(pipeline: Pipeline) -> None:
    answers = iter([b"451 later", b"550 5.1.1 no", b"554 5.7.1 no"])

    async def answer(*_: object) -> bytes:
        return next(answers, b"250 yes")

    pipeline.mail.dot = answer
    await pipeline.topic(channels=("in_app", "email"), words="{{ recipient.attributes.x }}")
    await pipeline.topic("mail", channels=("email",), words="x", klass=Class.PROMOTIONAL)
    pipeline.people(*NAMES)
    pipeline.run_sql("""UPDATE recipients SET attributes = '{"x": 1}' WHERE bucket % 2 = 0""")
    pipeline.emit(recipients=(*NAMES, "nobody"), actor="r1")
    pipeline.emit("mail", recipients=NAMES)
    await pipeline.run()
    pipeline.check()


async def lose_the_worker(pipeline: Pipeline) -> None:
    pipeline.emit("mail", recipients=NAMES)
    await pipeline.plan()
    await claim(pipeline)
    pipeline.run_sql("UPDATE queue SET begun_at = entered_at WHERE recipient_id < 'r4'")
    pipeline.check()
    pipeline.travel(minutes=5)
    await pipeline.release()
    pipeline.check()


async def fold(pipeline: Pipeline) -> None:
    """Fold everything; what it says stays what it said."""
    before = pipeline.rows("SELECT * FROM v_rollups ORDER BY 1, 2, 3, 4, 5, 6, 7, 8")
    pipeline.travel(minutes=5)
    await upkeep.fold(pipeline.runtime)
    assert pipeline.rows("SELECT * FROM v_rollups ORDER BY 1, 2, 3, 4, 5, 6, 7, 8") == before
    doubles = pipeline.rows("""
        SELECT bucket, minute, topic, channel, provider, destination, class, state, reason
          FROM rollups GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING count(*) > 1""")
    assert doubles == []
    assert added_up(pipeline, "rollup_hours") == added_up(pipeline, "rollups")


def added_up(pipeline: Pipeline, table: str) -> list[tuple[object, ...]]:
    return pipeline.rows(f"""
        SELECT topic, channel, provider, destination, class, state, reason, sum(entered),
               sum("left")
          FROM {table} GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7""")


async def test_what_comes_after_its_minute_was_folded_is_added(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit(recipients=("nobody",))
    await pipeline.run()
    await fold(pipeline)
    columns = "minute, topic, channel, provider, destination, class, state, reason, entered"
    pipeline.run_sql(f"""
        INSERT INTO rollups (bucket, batch, {columns}, "left")
        SELECT bucket, gen_random_uuid(), {columns}, "left" FROM rollups""")
    await fold(pipeline)
    assert set(pipeline.column("SELECT entered FROM rollups WHERE entered > 0")) == {2}
    pipeline.run_sql("TRUNCATE rollups, deliveries, events")  # counted twice on purpose


async def test_workers_that_fold_at_once_count_once(workers: Workers):
    one, two = await workers(), await workers()
    await one.topic()
    for number in range(30):
        one.emit(recipients=(f"nobody{number}",))
        await one.plan()
    await one.feed()
    for worker in (one, two):
        worker.travel(minutes=5)
    await asyncio.gather(*(upkeep.fold(worker.runtime) for worker in (one, two)))
    one.check()


async def test_test_messages_are_in_no_count(pipeline: Pipeline):
    await pipeline.topic(channels=("in_app", "email"))
    pipeline.people("anna")
    pipeline.emit(recipients=("anna", "nobody"), test=True)
    await pipeline.run()
    assert pipeline.value("SELECT count(*) FROM deliveries WHERE test") == 4
    assert pipeline.value("SELECT count(*) FROM rollups") == 0
    assert pipeline.value("SELECT count(*) FROM latencies") == 0


async def test_how_long_it_took_is_counted_from_the_producers_commit(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.people("anna")
    pipeline.emit(created_at=pipeline.clock.now())
    pipeline.travel(seconds=10)
    await pipeline.run()
    (found,) = pipeline.rows("SELECT channel, class, bin, count FROM latencies")
    assert found[:2] == ("in_app", "transactional")
    assert 2 ** (found[2] / 4) <= 11_000
    assert 2 ** ((found[2] + 1) / 4) >= 10_000


async def test_a_producers_wrong_clock_breaks_no_count(pipeline: Pipeline):
    await pipeline.topic(on_late="send")
    pipeline.people("anna")
    for moment in ("1970-01-02", "8999-01-01"):
        pipeline.emit(created_at=moment)
    await pipeline.run()
    assert pipeline.value("SELECT sum(count) FROM latencies") == 2
