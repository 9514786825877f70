"""Whatever is done to a campaign, in whatever order: each of its recipients exactly once.

Steps of several workers at once, steps that die, pauses, launches that are repeated, extensions;
stories that Hypothesis makes up are in `test_campaign_simulation.py`. Then everything recovers, and
the list of the mail server says who got how many.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from models.queries.campaigns import orders
from models.queries.campaigns.orders import NotNowError
from models.records import RunKind
from scheduler.campaigns import advance
from tests.campaigns import KEY, advanced, draft, launch, order, state
from tests.pipeline import Pipeline

PEOPLE = tuple(f"r{number}" for number in range(12))
EMPTY = (
    "campaigns", "campaign_runs", "campaign_stages", "campaign_members", "campaign_addresses",
    "campaign_parts", "events", "event_keys", "deliveries", "queue", "attempts", "rollups",
    "latencies",
)  # fmt: skip


async def together(news: Pipeline) -> None:
    """Three workers at once."""
    await asyncio.gather(*(advance.step(news.runtime) for _ in range(3)))


async def cut_off(news: Pipeline) -> None:
    """A step that dies somewhere: what it did not commit it did not do."""
    task = asyncio.ensure_future(advance.step(news.runtime))
    for _ in range(6):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def later(news: Pipeline) -> None:
    news.travel(seconds=70)


async def send(news: Pipeline) -> None:
    news.forget_catalog()
    await news.send()


def ordered(what: Any) -> Callable[[Pipeline], Awaitable[None]]:
    async def give(news: Pipeline) -> None:
        with suppress(NotNowError):
            await order(news, what)

    return give


async def relaunch(news: Pipeline) -> None:
    with suppress(NotNowError):
        await launch(news)


async def extend(news: Pipeline) -> None:
    with suppress(ValueError):
        await launch(news, RunKind.EXTEND)


DEEDS = {
    "together": together, "cut off": cut_off, "later": later, "send": send, "relaunch": relaunch,
    "extend": extend, "pause": ordered(orders.pause), "resume": ordered(orders.resume),
}  # fmt: skip


async def tell(news: Pipeline, deeds: list[str]) -> None:
    """One story, from a launch to the end of all it led to."""
    for table in EMPTY:
        news.run_sql(f"DELETE FROM {table}")
    news.mail.kept.clear()
    await draft(news, recipients=PEOPLE)
    await launch(news)
    for deed in deeds:
        await DEEDS[deed](news)
    await ordered(orders.resume)(news)
    for _ in range(4):
        await advanced(news)
        await news.wake()
        while await news.send():
            pass
        news.travel(seconds=70)
    got = Counter(kept.recipient for kept in news.mail.kept)
    assert got == {f"{who}@example.com": 1 for who in PEOPLE}, deeds
    assert state(news) == "finished"
    assert news.value("SELECT count(*) FROM campaign_runs WHERE ended_at IS NULL") == 0
    assert KEY in news.column("SELECT DISTINCT campaign FROM deliveries")


@pytest.fixture
async def news(pipeline: Pipeline) -> Pipeline:
    await pipeline.topic("news", channels=("email",), words="{{ data.board }}")
    pipeline.people(*PEOPLE)
    return pipeline


@pytest.mark.parametrize(
    "deeds",
    [
        ["cut off", "together", "later", "cut off", "together", "pause", "send", "relaunch"],
        ["together", "later", "together", "send", "extend", "cut off", "pause", "later"],
        ["pause", "later", "resume", "cut off", "cut off", "extend", "relaunch", "together"],
    ],
)
async def test_each_recipient_gets_it_exactly_once(news: Pipeline, deeds: list[str]):
    await tell(news, deeds)
    news.check()
