"""The database is restored while campaigns go: they are paused, and nobody gets anything twice."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from models.queries.campaigns import orders
from scheduler.campaigns import recurring
from scheduler.planning.intake import Again
from scheduler.restoring import campaigns
from scheduler.restoring.replay import mark
from tests.campaigns import KEY, advanced, draft, launch, order, state
from tests.integration.restoring.backups import Backup
from tests.pipeline import Pipeline

PEOPLE = tuple(f"r{number}" for number in range(6))


@pytest.fixture
async def news(pipeline: Pipeline) -> Pipeline:
    await pipeline.topic("news", channels=("email",), words="{{ data.board }}")
    pipeline.people(*PEOPLE)
    return pipeline


async def restored(news: Pipeline, backup: Backup) -> int:
    """Restore it as the command does, twice; how many campaigns were paused."""
    backup.restore(news)
    again = Again(backup.at, news.clock.now())
    paused = (await mark(news.runtime, again)).campaigns
    assert await campaigns.pause(news.runtime, again) == 0, "told twice it changes nothing"
    assert await news.send() == 0, "nothing goes before somebody has looked"
    return paused


def got(news: Pipeline) -> Counter[str]:
    return Counter(kept.recipient.partition("@")[0] for kept in news.mail.kept)


def unsure(news: Pipeline) -> set[str]:
    return {who for (who, _), how in news.deliveries().items() if how == ("in_doubt", "restored")}


async def minutes(news: Pipeline, number: int) -> None:
    for _ in range(number):
        await advanced(news)
        await news.wake()
        await news.send()
        news.travel(seconds=60)


async def going(news: Pipeline) -> None:
    await advanced(news)
    news.travel(seconds=61)
    await advanced(news)


async def launched(_: Pipeline) -> None:
    """Nothing was frozen yet."""


@pytest.mark.parametrize("far", [launched, going])
async def test_what_a_campaign_planned_since_does_not_go_twice(
    news: Pipeline, far: Callable[[Pipeline], Awaitable[None]]
):
    await draft(news, recipients=PEOPLE, schedule={"per_minute": 1})
    await launch(news)
    await far(news)
    backup = Backup.take(news)
    await minutes(news, 4)
    sent = got(news)
    assert 0 < len(sent) < len(PEOPLE)
    assert await restored(news, backup) == 1
    assert state(news) == "paused"
    assert unsure(news) >= set(sent)
    entry = "SELECT actor, detail->>'reason' FROM audit WHERE action = 'paused a campaign'"
    ((who, why),) = news.rows(entry)
    assert who == "tidings"
    assert "look at what is in doubt" in why
    news.travel(hours=1)
    doubted = unsure(news)
    await order(news, orders.resume)
    await minutes(news, 7)
    assert set(got(news).values()) == {1}
    assert set(got(news)) | doubted == set(PEOPLE), "nobody is missed"
    assert state(news) == "finished"
    news.check()


async def test_what_followed_a_canary_may_have_gone(news: Pipeline):
    await draft(news, recipients=PEOPLE, canary={"share": 50, "after": "2 min"})
    await launch(news)
    await going(news)
    backup = Backup.take(news)
    await minutes(news, 5)
    assert set(got(news)) == set(PEOPLE)
    assert await restored(news, backup) == 1
    assert unsure(news) == set(PEOPLE)


async def test_moments_of_a_recurring_one_are_those_they_were(news: Pipeline):
    await draft(news, recipients=PEOPLE, schedule={"cron": "0 9 * * *"})
    await launch(news)
    backup = Backup.take(news)
    for _ in range(2):
        due = news.value("SELECT next_at FROM campaigns")
        news.travel(seconds=(due - news.clock.now()).total_seconds() + 2)
        assert await recurring.recur(news.runtime) == 1
        await minutes(news, 2)
    ids: list[Any] = news.column("SELECT delivery_id FROM deliveries ORDER BY 1")
    assert len(ids) == 2 * len(PEOPLE)
    assert await restored(news, backup) == 1
    assert news.column("SELECT delivery_id FROM deliveries ORDER BY 1") == ids
    assert unsure(news) == set(PEOPLE)
    assert await recurring.recur(news.runtime) == 0


async def test_what_had_not_begun_is_left_alone(news: Pipeline):
    at = "2099-01-01T09:00:00+00:00"
    await draft(news, recipients=PEOPLE, schedule={"at": at})
    await launch(news)
    backup = Backup.take(news)
    news.travel(minutes=5)
    assert await restored(news, backup) == 0
    assert news.value("SELECT state FROM campaigns WHERE campaign = %s", KEY) == "scheduled"
