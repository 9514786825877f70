"""Runs of one campaign beside each other, each with the audience as it was at its launch."""

import json

import pytest

from delivery.audiences import condition_of
from models.queries.audiences.weighing import weighed
from models.queries.campaigns import campaigns, orders, runs
from models.records import Run, RunKind
from scheduler.campaigns import advance, recurring
from tests.campaigns import KEY, advanced, audience, draft, launch, order, state
from tests.integration.test_campaigns import go, to
from tests.pipeline import Pipeline

FIRST, LATER = ("anna", "bo"), ("cy", "dee")


@pytest.fixture
async def news(pipeline: Pipeline) -> Pipeline:
    """A topic of mail, and an audience."""
    await pipeline.topic("news", channels=("email",), words="{{ data.board }}")
    await audience(pipeline, "swedes", *FIRST)
    return pipeline


async def known(news: Pipeline) -> list[Run]:
    return await news.runtime.database.run(runs.of_campaign(KEY))


def norwegians(news: Pipeline) -> None:
    """Whoever speaks Norwegian is in it now, instead of whoever speaks Swedish."""
    news.run_sql(
        "INSERT INTO audience_versions SELECT audience, 2, title,"
        " CAST(replace(CAST(document AS text), '\"sv\"', '\"nb\"') AS jsonb), list, note,"
        " changed_at, changed_by FROM audience_versions"
    )
    news.run_sql("UPDATE audiences SET version = 2")


async def test_an_audience_that_is_changed_while_it_is_frozen_stays_as_it_was(news: Pipeline):
    await draft(news, audience="swedes")
    await launch(news)
    await advance.step(news.runtime)
    norwegians(news)
    await go(news)
    assert sorted(to(news)) == ["anna@example.com", "bo@example.com"]
    assert [run.audiences for run in await known(news)] == [{"swedes": 1}]


async def test_of_two_extensions_that_overlap_the_later_one_waits_for_the_other(news: Pipeline):
    await draft(news, audience="swedes")
    await launch(news)
    await go(news)
    await audience(news, "swedes", *LATER)
    for _ in range(2):
        await launch(news, RunKind.EXTEND)
    *_, last = await known(news)
    assert await advance.go_on(news.runtime, last, news.clock.now()) == 0
    await go(news)
    assert sorted(to(news)) == sorted(f"{who}@example.com" for who in (*FIRST, *LATER))
    assert [run.eligible for run in await known(news)] == [2, 2, 0]


async def test_a_run_ends_while_another_one_waits(news: Pipeline):
    await draft(news, audience="swedes", schedule={"per_minute": 1})
    await launch(news)
    await go(news)
    await audience(news, "swedes", "cy")
    await launch(news, RunKind.EXTEND)
    await advanced(news)
    news.run_sql("UPDATE queue SET due_at = due_at + interval '1 day'")
    news.travel(seconds=61)
    await advanced(news)
    while await news.send():
        pass
    await advanced(news)
    assert [(run.number, run.state) for run in await known(news)] == [(1, "planned"), (2, "done")]
    assert state(news) == "running"


def over(news: Pipeline, people: int) -> None:
    """From now on campaigns for more people need approval."""
    said = {"lasts": "7 days", "thresholds": [{"kind": "campaign", "over": people, "approvers": 1}]}
    news.run_sql(
        "INSERT INTO approval_thresholds (version, document, note, published_by, published_at)"
        " VALUES (1, CAST(%s AS jsonb), '', 'ada', now())",
        json.dumps(said),
    )


async def test_an_occasion_for_more_people_than_were_approved_is_looked_at_first(news: Pipeline):
    over(news, 3)
    await draft(news, audience="swedes", schedule={"cron": "0 9 * * *"})
    await launch(news)
    await news.runtime.database.run(campaigns.launched_for(KEY, 2))
    news.travel(hours=24)
    assert await recurring.recur(news.runtime) == 1
    await audience(news, "swedes", *LATER)
    for _ in range(2):
        news.travel(hours=24)
        await recurring.recur(news.runtime)
        assert (state(news), len(await known(news))) == ("paused", 1)
        assert "has grown from 2 to 4" in news.value("SELECT why FROM campaigns")
        await order(news, orders.resume)
    news.run_sql("DELETE FROM approval_thresholds")
    await recurring.recur(news.runtime)
    assert len(await known(news)) == 2


async def test_an_audience_is_counted_when_it_is_weighed(news: Pipeline):
    news.run_sql("UPDATE audiences SET size = 700, counted_at = %s", news.clock.now())
    async with news.runtime.database.begin() as tx:
        assert await tx.follow(weighed("swedes", condition_of, news.clock.now())) == (1, 2)
