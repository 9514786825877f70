"""Everything but planning keeps to one shard at a time, as it must on many machines."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress as suppressing
from dataclasses import replace
from datetime import timedelta

from models.ids import bucket_of, day_of, delivery_id, place_of
from models.queries.folding.feedback import take
from models.queries.folding.suppressions import copies, suppress
from models.queries.keeping import partitions
from models.queries.people.preferences import choose, wake_snoozed
from models.queries.repairing.orders import Order, carry_out
from models.queries.routing import TOGETHER, Shards
from models.records import Author, Bounce, Choice, Class, Feedback, Kind, Suppression, Via
from models.states import Resolution
from scheduler.folding import feedback, reconcile
from scheduler.keeping import lag, upkeep
from scheduler.known.shards import learn
from scheduler.planning import fanout
from scheduler.sending import feed, release, send
from tests.caps import PROMO, cap
from tests.mail_sender import eventually
from tests.mail_servers import Client, MailServer
from tests.pipeline import Pipeline, exhausted
from tests.shards import MANY, PRETENDED, shard
from tests.values import EVENT, NOW

Workers = Callable[[], Awaitable[Pipeline]]

EVERYBODY = tuple(f"r{number}" for number in range(60))


async def settle(worker: Pipeline) -> None:
    """All that is due, shard after shard."""
    await exhausted(lambda: feed.step(worker.runtime, worker.feed_turns))
    while await send.step(worker.runtime, worker.send_turns):
        await worker.land()


async def test_a_worker_keeps_to_one_shard_at_a_time(workers: Workers):
    planner, worker = await workers(), await workers()
    sharded = await shard(worker)
    await planner.topic(channels=("in_app", "email"), words="{{ data.board }}")
    planner.people(*EVERYBODY)
    planner.emit(recipients=(*EVERYBODY, "nobody"))
    planner.emit(recipients=EVERYBODY[:9], data={"board": "b", "more": "x" * 5000})
    planner.emit(recipients=tuple(f"s{number}" for number in range(1500)))
    await planner.plan()
    await exhausted(lambda: fanout.step(worker.runtime))
    await settle(worker)
    sent = "SELECT channel, count(*) FROM deliveries WHERE state = 'sent' GROUP BY 1 ORDER BY 1"
    assert planner.rows(sent) == [("email", 69), ("in_app", 69)]
    assert planner.value("SELECT count(*) FROM events WHERE state = 'planned'") == 3
    assert planner.value("SELECT count(*) FROM queue") == 0
    assert sharded.astray == []
    assert sharded.routed > 10 * MANY


async def test_losing_refusing_and_keeping_house_keep_to_one_shard_at_a_time(workers: Workers):
    async def refuse(*_: object) -> bytes:
        return b"550 5.1.1 nobody of that name"

    planner, worker = await workers(), await workers()
    sharded = await shard(worker)
    await planner.topic(channels=("email",), words="x")
    planner.people(*EVERYBODY)
    planner.emit(recipients=EVERYBODY)
    await planner.plan()
    planner.mail.rcpt = refuse  # type: ignore[method-assign]
    await send.step(worker.runtime, worker.send_turns)
    await worker.land()
    assert planner.value("SELECT count(*) FROM addresses WHERE suppressed IS NOT NULL") > 0
    worker.runtime.on_wire += 1000  # no room on the wire until the lease has ended
    await send.step(worker.runtime, worker.send_turns)
    worker.travel(minutes=5)
    assert await release.release(worker.runtime) > 0
    worker.runtime.leave(1000)
    await worker.land()
    planner.run_sql("DELETE FROM suppressions")
    worker.travel(days=20)
    for tick in (
        fanout.finish, reconcile.reconcile, upkeep.fold, upkeep.purge,
        upkeep.heartbeat, upkeep.prepare_days, lag.look,
    ):  # fmt: skip
        await tick(worker.runtime)
    assert planner.column("SELECT DISTINCT state FROM queue") == ["scheduled"]
    assert sharded.astray == []


async def test_late_answers_keep_to_one_shard_at_a_time(workers: Workers):
    go_on = asyncio.Event()

    async def wait(client: Client) -> bytes:
        await go_on.wait()
        return await MailServer.dot(planner.mail, client)

    planner, worker = await workers(), await workers()
    sharded = await shard(worker)
    await planner.topic(channels=("email",), words="x")
    planner.people(*EVERYBODY)
    planner.emit(recipients=EVERYBODY)
    await planner.plan()
    planner.mail.dot = wait  # type: ignore[method-assign]
    await send.step(worker.runtime, worker.send_turns)
    await eventually(lambda: planner.mail.dots >= 1)
    planner.travel(seconds=61)
    doubted = await planner.release()
    assert doubted > 0
    go_on.set()
    await worker.land()
    ended = "SELECT state, count(*) FROM deliveries WHERE settled_at IS NOT NULL GROUP BY 1"
    assert planner.rows(ended) == [("sent", doubted)]
    assert sharded.astray == []


async def test_folding_feedback_keeps_to_one_shard_at_a_time(workers: Workers):
    planner, worker = await workers(), await workers()
    sharded = await shard(worker)
    await planner.topic(channels=("email",), words="x")
    planner.people(*EVERYBODY)
    planner.emit(recipients=EVERYBODY)
    await planner.plan()
    await settle(worker)
    now = planner.clock.now()
    events = [
        Feedback("generic", f"{kind}-{one}", kind, now, one, None, bounce, None, {})
        for one in planner.column("SELECT delivery_id FROM deliveries")
        for kind, bounce in ((Kind.DELIVERED, None), (Kind.BOUNCED, Bounce.INACTIVE))
    ]
    await planner.runtime.database.run(take(events, now))
    await exhausted(lambda: feedback.step(worker.runtime))
    assert planner.column("SELECT DISTINCT state FROM deliveries") == ["bounced"]
    assert planner.value("SELECT count(*) FROM suppressions") == len(EVERYBODY)
    assert sharded.astray == []


async def test_waking_what_was_held_keeps_to_one_shard_at_a_time(workers: Workers):
    planner, worker = await workers(), await workers()
    sharded = await shard(worker)
    await planner.topic(channels=("email",), words="x")
    planner.people(*EVERYBODY)
    planner.emit(recipients=EVERYBODY)
    await planner.plan()
    planner.run_sql("UPDATE queue SET due_at = 'infinity', held_for = 'kill_switch'")
    assert await worker.wake() == len(EVERYBODY)
    await settle(worker)
    assert planner.value("SELECT count(*) FROM deliveries WHERE state = 'sent'") == len(EVERYBODY)
    assert sharded.astray == []


def test_an_order_locks_rows_in_one_shard_at_a_time():
    ids = [delivery_id(EVENT, who, "email", "email") for who in EVERYBODY]
    order = Order(Resolution.SENT, frozenset(), "ada", lambda *_: "no", NOW)
    story = carry_out(ids, order)
    spread = True
    story.send(None)
    story.send(spread)
    locks = [story.send(PRETENDED)]
    with suppressing(StopIteration):
        while True:
            locks.append(story.send({} if "FROM queue" in locks[-1].statement else []))
    slices = [query.parameters["slice"] for query in locks]
    assert len(slices) == 2 * len(PRETENDED.group(ids, lambda one: place_of(one).bucket))
    for buckets in slices:
        named = [int(bucket) for bucket in buckets.strip("{}").split(",")]
        assert len(PRETENDED.group(named, int)) == 1


async def test_on_one_postgres_all_buckets_lie_together(pipeline: Pipeline):
    await learn(pipeline.runtime)
    if pipeline.runtime.shards.together:
        assert pipeline.runtime.shards is TOGETHER
    else:
        assert len(pipeline.runtime.shards.slices) == MANY


def test_items_are_grouped_by_where_their_buckets_lie():
    shards = Shards([[0, 2], [1, 3]])
    assert shards.slices == ("{0,2}", "{1,3}")
    assert shards.group([3, 0, 1, 2], int) == [[3, 1], [0, 2]]
    assert TOGETHER.group(EVERYBODY, bucket_of) == [list(EVERYBODY)]
    assert TOGETHER.group([], bucket_of) == []
    assert len(PRETENDED.slices) == MANY


def test_a_day_is_detached_as_the_server_can():
    old = partitions.Old("events", day_of(NOW), partitions.Standing.ATTACHED)
    assert "CONCURRENTLY" in partitions.drop(old, TOGETHER)[0].statement
    assert "CONCURRENTLY" not in partitions.drop(old, PRETENDED)[0].statement


async def test_caps_and_what_was_said_keep_to_one_shard_at_a_time(workers: Workers):
    planner, worker = await workers(), await workers()
    sharded = await shard(worker)
    await planner.topic(channels=("email",), words="x", klass=Class.PROMOTIONAL, same_content=None)
    planner.people(*EVERYBODY)
    planner.emit(recipients=EVERYBODY)
    planner.emit(recipients=EVERYBODY)
    planner.emit(recipients=EVERYBODY, data={"board": "Other"})
    planner.emit(recipients=EVERYBODY, data={"board": "A third"})
    await planner.plan()
    await settle(worker)
    await cap(worker, {**PROMO, "limit": 3, "over": "skip"})
    planner.emit(recipients=EVERYBODY, data={"board": "A fourth"})
    await planner.plan()
    worker.travel(seconds=5)
    await settle(worker)
    ends = "SELECT coalesce(reason, state), count(*) FROM deliveries GROUP BY 1 ORDER BY 1"
    assert planner.rows(ends) == [("over_cap", 60), ("same_content", 60), ("sent", 180)]
    assert sharded.astray == []


async def test_choosing_and_suppressing_keep_to_one_shard_at_a_time(workers: Workers):
    worker = await workers()
    worker.people(*EVERYBODY)
    sharded = await shard(worker)
    now, runtime = worker.clock.now(), worker.runtime
    off = [Choice(person, "news", "email", allowed=False) for person in EVERYBODY]
    back = [replace(choice, allowed=None) for choice in off[:30]]
    said = Suppression("email", "r1@example.com", "law", "ada", None, "news")
    for seconds, choices in enumerate((off, back)):
        at = now + timedelta(seconds=seconds)
        async with runtime.database.begin() as tx:
            story = choose(choices, Author("ada", Via.IMPORT), at, runtime.shards)
            assert await tx.follow(story) == len(choices)
    async with runtime.database.begin() as tx:
        await tx.follow(suppress(said, now))
    for statement in copies(said, runtime.shards.slices):
        async with runtime.database.begin() as tx:
            await tx.run(statement)
    await runtime.database.run(wake_snoozed("r1", now))
    assert worker.value("SELECT count(*) FROM preferences") == 30
    assert worker.value("SELECT count(*) FROM preference_changes") == 90
    assert worker.value("SELECT count(*) FROM addresses WHERE suppressed IS NOT NULL") == 1
    assert sharded.astray == []
