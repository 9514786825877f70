"""A campaign's workers killed as they freeze, plan and send it: the mail server's ledger is judge.

Two real processes on one campaign; meanwhile it is launched twice, paused, resumed and extended.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psycopg

from models.queries.campaigns import orders
from models.queries.campaigns.orders import NotNowError
from models.records import RunKind, TemplateVersion
from tests.campaigns import audience, draft, launch, order, state
from tests.chaos.faulty_mail import Faults, FaultyMail
from tests.chaos.ledger import Ledger
from tests.chaos.oracle import judge
from tests.chaos.run import NO_PAUSE
from tests.chaos.steps import CAMPAIGNING, Step
from tests.chaos.workers import Act, Blow, Toll, Worker, environment
from tests.pipeline import MJML, Pipeline
from tests.postgres_proxy import Proxy

FIRST = [f"first-{number}" for number in range(200)]
LATER = [f"later-{number}" for number in range(40)]
LEASE = 8.0
SETTLED_WITHIN = 60.0
_LEFT = """
    SELECT (SELECT count(*) FROM queue)
         + (SELECT count(*) FROM campaign_runs WHERE ended_at IS NULL)
"""


@asynccontextmanager
async def working(folder: Path, url: str, ledger: Ledger) -> AsyncIterator[Sequence[Worker]]:
    """Two workers, each with a way of its own to the database and to the mail server."""
    toll, faults = Toll(), Faults(seed=7, rate=1.0)
    made: list[Worker] = []
    async with AsyncExitStack() as stack:
        for number in range(2):
            proxy = await stack.enter_async_context(Proxy(url))
            mail = await stack.enter_async_context(FaultyMail(ledger, faults, LEASE, None))
            shared = environment(folder, LEASE)
            made.append(Worker(number, folder, proxy, mail, shared, toll, 0.0, (0.0, 0.0)))
            proxy.judge, mail.watch = made[-1].judge, made[-1].watch
            await made[-1].start()
        try:
            await asyncio.gather(*(worker.able.wait() for worker in made))
            yield made
        finally:
            for worker in made:
                if worker.process is not None and worker.process.returncode is None:
                    worker.process.kill()
                    await worker.process.wait()


async def suffer(worker: Worker, steps: Sequence[Step]) -> None:
    """Kill it at one step after the other, and start it again each time."""
    for step in steps:
        await worker.able.wait()
        await worker.take(Act(Blow.KILL, step), asyncio.Event())


async def twice(news: Pipeline, kind: RunKind) -> None:
    """Order a launch that goes at once, from two places together; one of them may be refused."""
    news.travel(seconds=-61)
    ordered = await asyncio.gather(launch(news, kind), launch(news, kind), return_exceptions=True)
    news.travel(seconds=61)
    assert all(not isinstance(one, Exception) or isinstance(one, NotNowError) for one in ordered)


async def joined(news: Pipeline, people: Sequence[str]) -> None:
    """New people, of many domains: one would let in only so many at once."""
    await audience(news, "everybody", *people)
    news.run_sql("UPDATE addresses SET address = recipient_id || '@d' || bucket || '.example'")


async def settled(news: Pipeline) -> None:
    """Wait until nothing is left to do; pauses of rows that go again are over at once."""
    end = time.monotonic() + SETTLED_WITHIN
    while news.value(_LEFT):
        assert time.monotonic() < end, news.rows("SELECT state, held_for FROM queue")
        news.run_sql(NO_PAUSE)
        await asyncio.sleep(0.25)


async def planned(news: Pipeline) -> None:
    """Wait for the first deliveries."""
    while not news.value("SELECT count(*) FROM deliveries"):  # noqa: ASYNC110 - another process does it
        await asyncio.sleep(0.05)


async def go(news: Pipeline, workers: Sequence[Worker]) -> None:
    """From the launch to the end of all it led to, under blows."""
    acts = zip(workers, zip(*CAMPAIGNING, strict=True), strict=True)
    blows = asyncio.gather(*(suffer(worker, steps) for worker, steps in acts))
    await twice(news, RunKind.LAUNCH)
    await asyncio.wait_for(planned(news), 60)
    await order(news, orders.pause)
    await asyncio.sleep(0.2)
    await order(news, orders.resume)
    await blows
    await joined(news, LATER)
    await twice(news, RunKind.EXTEND)
    await settled(news)


async def test_the_ledger_has_everybody_once_wherever_workers_are_killed(
    pipeline: Pipeline, tmp_path: Path
):
    news, words = pipeline, "event {{ data.n }}"
    await news.topic("news", channels=("email",))
    await news.template(TemplateVersion("words", 1, "email", words, MJML.format(words)))
    await joined(news, FIRST)
    said = [{"key": "first", "templates": {"email": "words"}}]
    await draft(news, audience="everybody", steps=said, data={"n": 1})
    async with (
        Ledger.at(tmp_path / "ledger.tsv") as ledger,
        working(tmp_path, news.url, ledger) as workers,
    ):
        await go(news, workers)
        struck = {name for _, name in workers[0].toll.blows}
    assert all({one.name for one in steps} & struck for steps in CAMPAIGNING)
    assert state(news) == "finished"
    everybody = {(1, who) for who in (*FIRST, *LATER)}
    with psycopg.connect(news.url) as connection:
        found = judge(connection, ledger.kept, everybody, everybody)
    assert found.lost == found.unexpected == found.twice_held == []
    assert len(found.ends) > 1, "the mail server did nothing wrong"
