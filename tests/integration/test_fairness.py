"""Fair and urgent: what is critical waits behind nothing, and nobody starves. Order, not timing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from models.queries.planning import intake
from models.records import Class
from scheduler.planning import plan
from scheduler.sending import send
from scheduler.sending.lanes import Turns
from tests.mail_servers import Client, MailServer
from tests.pipeline import Pipeline

NAMES = tuple(f"r{number}" for number in range(200))
Workers = Callable[[], Awaitable[Pipeline]]
Setting = Callable[[str, str], None]


async def flood(pipeline: Pipeline, topic: str, rows: int) -> None:
    """So many outbox rows of a topic, each to somebody unknown."""
    pipeline.run_sql(
        "INSERT INTO outbox (topic, recipients) SELECT %s, ARRAY['x' || n]"
        "  FROM generate_series(1, %s) n",
        topic, rows,
    )  # fmt: skip


async def three(pipeline: Pipeline) -> None:
    for klass in Class:
        await pipeline.topic(klass, klass=klass, channels=("email",))


def planned(pipeline: Pipeline) -> Counter[str]:
    return Counter(pipeline.column("SELECT topic FROM events"))


async def test_a_code_is_planned_before_thousands_of_older_newsletters(pipeline: Pipeline):
    await three(pipeline)
    await flood(pipeline, "promotional", 5000)
    await flood(pipeline, "transactional", 300)
    for _ in range(3):
        pipeline.emit("critical")
        await plan.step(pipeline.runtime)
        assert pipeline.value("SELECT count(*) FROM outbox WHERE topic = 'critical'") == 0
    await plan.step(pipeline.runtime)
    assert planned(pipeline) == Counter(critical=3, transactional=300)


async def test_a_code_is_planned_while_both_plan_ticks_are_at_newsletters(workers: Workers):
    pipeline, other = await workers(), await workers()
    await three(pipeline)
    await flood(pipeline, "promotional", 1000)
    pipeline.emit("critical")
    claim = intake.claim_topics(300, 300, ["promotional"], ours=True)
    async with other.runtime.database.begin() as busy:
        assert len(await busy.run(claim)) == 300
        await pipeline.runtime.shelf.refresh(pipeline.runtime.database)
        assert await plan.urgent(pipeline.runtime) == 1
        assert planned(pipeline) == Counter(critical=1)


async def test_no_topic_waits_for_a_bigger_one_of_its_class(pipeline: Pipeline):
    for key in ("big", "small"):
        await pipeline.topic(key, klass=Class.PROMOTIONAL, channels=("email",))
    await flood(pipeline, "big", 5000)
    await flood(pipeline, "small", 200)
    await flood(pipeline, "unknown", 10)
    for _ in range(4):
        await plan.step(pipeline.runtime)
    assert planned(pipeline)["small"] == 200
    assert planned(pipeline)["big"] > 300, "nor does the big one wait"


async def test_what_no_topic_claims_has_its_turn_too(pipeline: Pipeline):
    await three(pipeline)
    await flood(pipeline, "unknown", 50)
    await flood(pipeline, "transactional", 5000)
    for _ in range(8):
        await plan.step(pipeline.runtime)
    assert planned(pipeline)["unknown"] == 50


async def test_a_critical_mail_overtakes_those_that_fill_the_wire(
    setting: Setting, workers: Workers
):
    setting("WORKER_CONCURRENCY", "16")
    pipeline = await workers()
    await three(pipeline)
    pipeline.people(*NAMES)
    go_on = asyncio.Event()

    async def wait(client: Client) -> bytes:
        if client.recipient != "r7@example.com":
            await go_on.wait()
        return await MailServer.dot(pipeline.mail, client)

    pipeline.mail.dot = wait  # type: ignore[method-assign]
    pipeline.emit("promotional", recipients=tuple(name for name in NAMES if name != "r7"))
    await pipeline.plan()
    turns = Turns(20)
    while await send.step(pipeline.runtime, turns):
        pass
    assert len(pipeline.runtime.wire) == 3, "no room for more of these"
    pipeline.emit("critical", recipients=("r7",))
    await pipeline.plan()
    assert await send.step(pipeline.runtime, turns) == 1
    await asyncio.wait(pipeline.runtime.express)
    assert [kept.recipient for kept in pipeline.mail.kept] == ["r7@example.com"]
    assert pipeline.runtime.on_wire <= 16
    go_on.set()
    await pipeline.land()
    assert len(pipeline.mail.kept) == 61


async def test_others_give_way_while_something_critical_is_on_its_way(pipeline: Pipeline):
    await three(pipeline)
    pipeline.people("r1")
    await flood(pipeline, "promotional", 100)
    pipeline.emit("critical", recipients=("r1",))
    await pipeline.runtime.shelf.refresh(pipeline.runtime.database)
    assert await plan.urgent(pipeline.runtime) == 1
    news = asyncio.create_task(plan.step(pipeline.runtime))
    await send.step(pipeline.runtime, pipeline.send_turns)
    while pipeline.runtime.express:
        await asyncio.wait(pipeline.runtime.express)
    assert await news == 100, "they wait for a moment, not for ever"
    assert len(pipeline.mail.kept) == 1
