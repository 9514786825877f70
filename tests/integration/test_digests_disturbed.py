"""Digests whose workers, rows or rules fail them."""

import asyncio
from datetime import timedelta

import psycopg
import pytest

from models.records import read_digest
from scheduler.keeping import upkeep
from scheduler.sending import digests
from tests.integration.conftest import Workers
from tests.integration.digesting import DEBOUNCE, again, close, collecting, states, subject
from tests.pipeline import Pipeline
from tests.shards import shard


async def test_several_workers_close_each_digest_once(workers: Workers):
    first, second = await workers(), await workers()
    people = [f"r{number}" for number in range(30)]
    await first.topic(channels=("email",), digest=read_digest(DEBOUNCE), words="{{ count }}")
    first.people(*people)
    for board in ("a", "b"):
        first.emit(recipients=tuple(people), actor="Mark", data={"board": board})
    await first.run()
    first.travel(minutes=10)
    second.travel(minutes=10)
    closed = await asyncio.gather(
        *(digests.close(w.runtime) for w in (first, second) for _ in "xy")
    )
    while sum(closed) < len(people):  # whom the other held just then
        closed.append(await digests.close(first.runtime))
    assert sum(closed) == len(people)
    await first.send()
    assert states(first) == [("digested", 60), ("sent", 30)]


async def test_digests_close_on_one_shard_at_a_time(workers: Workers):
    planner, worker = await workers(), await workers()
    sharded = await shard(worker)
    people = [f"r{number}" for number in range(40)]
    await planner.topic(channels=("email",), digest=read_digest(DEBOUNCE), words="{{ count }}")
    planner.people(*people)
    planner.emit(recipients=tuple(people), data={"board": "a"})
    planner.emit(recipients=tuple(people), data={"board": "b", "more": "x" * 5000})
    await planner.plan()
    while await worker.send():
        pass
    worker.travel(minutes=10)
    assert await digests.close(worker.runtime) == len(people)
    while await worker.send():
        pass
    assert sharded.astray == []
    assert states(planner) == [("digested", 80), ("sent", 40)]


async def test_an_event_is_in_one_digest_by_a_constraint(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    pipeline.emit()
    await pipeline.run()
    with pytest.raises(psycopg.errors.UniqueViolation):
        pipeline.run_sql("INSERT INTO digest_members SELECT * FROM digest_members")


async def test_a_worker_lost_while_it_closes_leaves_it_to_the_next(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
):
    first, second = await workers(), await workers()
    await collecting(first, DEBOUNCE)
    first.emit(actor="Mark")
    await first.run()
    first.travel(minutes=10)
    second.travel(minutes=10)
    before = first.rows("SELECT * FROM digests")

    async def die(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(digests, "count_ends", die)
        with pytest.raises(asyncio.CancelledError):
            await digests.close(first.runtime)
    assert first.rows("SELECT * FROM digests") == before
    assert await close(second) == 1
    assert states(first) == [("digested", 1), ("sent", 1)]


async def test_one_that_cannot_be_closed_holds_up_no_other(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    pipeline.people("bo")
    pipeline.emit(recipients=("anna", "bo"))
    await pipeline.run()
    pipeline.run_sql(
        "UPDATE digest_members m SET trace = '[1]' FROM digests d"
        " WHERE d.digest_id = m.digest_id AND d.recipient_id = 'anna'"
    )
    pipeline.travel(minutes=10)
    assert await close(pipeline) == 1
    open_one = "SELECT recipient_id FROM digests WHERE closed_at IS NULL"
    assert pipeline.column(open_one) == ["anna"]
    pipeline.run_sql("UPDATE digest_members SET trace = '{}'")
    pipeline.travel(minutes=1)
    assert await close(pipeline) == 1
    assert states(pipeline) == [("digested", 2), ("sent", 2)]


async def test_one_that_can_never_be_closed_fails_where_people_see_it(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    for board in ("a", "b"):
        pipeline.emit(actor="Mark", data={"board": board})
    await pipeline.run()
    pipeline.run_sql("UPDATE digest_members SET trace = '[1]'")
    for minutes in (10, 1, 2, 3, 4):
        assert states(pipeline) == [("collected", 2)]
        pipeline.travel(minutes=minutes)
        assert await close(pipeline) == 0
    failed = pipeline.rows("SELECT DISTINCT state, reason, detail FROM deliveries")
    assert failed == [("failed", "unclosed", "AttributeError")]
    assert pipeline.row("SELECT members, message_id FROM digests WHERE closed_at > opened_at") == (
        0, None,
    )  # fmt: skip
    pipeline.travel(minutes=10)
    assert await close(pipeline) == 0
    again(pipeline, pipeline.column("SELECT delivery_id FROM deliveries"))
    await pipeline.run()
    pipeline.travel(minutes=10)
    assert await close(pipeline) == 1
    assert states(pipeline) == [("digested", 2), ("sent", 1)]
    (mail,) = pipeline.mail.kept
    assert subject(mail).endswith("shared 'a' and 1 other boards with you")


async def test_days_that_an_open_digest_carries_are_kept(pipeline: Pipeline):
    rule = {"kind": "fixed", "steps": ["email"], "wait": "30d"}
    await collecting(pipeline, rule, lifetime=timedelta(days=300))
    pipeline.emit(data={"board": "x" * 5000})
    await pipeline.run()
    pipeline.run_sql("UPDATE digests SET closes_at = closes_at + interval '100 days'")
    pipeline.travel(days=120)
    await upkeep.purge(pipeline.runtime)
    assert states(pipeline) == [("collected", 1)]
    pipeline.travel(days=11)
    await close(pipeline)
    assert pipeline.column("SELECT state FROM v_deliveries WHERE NOT digest") == ["digested"]
    pipeline.travel(days=200)
    await upkeep.purge(pipeline.runtime)
    kept = "SELECT (SELECT count(*) FROM digests), (SELECT count(*) FROM digest_members)"
    assert pipeline.row(kept) == (0, 0)


async def test_a_topic_whose_digest_nobody_can_read_goes_as_it_comes(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    pipeline.run_sql("""UPDATE topics SET digest = '{"kind": "mystery"}'""")
    pipeline.forget_catalog()
    pipeline.emit()
    await pipeline.run()
    assert states(pipeline) == [("sent", 1)]
