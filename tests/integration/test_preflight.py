"""A pre-flight foretells what then happens."""

import json
import subprocess
import sys
from asyncio import to_thread
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from models.queries.campaigns import preflights
from models.queries.campaigns.orders import NotNowError
from models.records import Class
from scheduler.campaigns import foretelling
from scheduler.campaigns.preflight import foretell
from tests.campaigns import KEY, advanced, draft, launch
from tests.caps import PROMO, cap, publish
from tests.pipeline import Pipeline

PEOPLE = tuple(f"person-{number:03}" for number in range(200))
CAPPED, QUIET, MUTED, BOUNCED = PEOPLE[:10], PEOPLE[10:30], PEOPLE[30:37], PEOPLE[37:42]
UNREACHABLE, UNKNOWN = PEOPLE[190:195], PEOPLE[195:]


@pytest.fixture
async def news(pipeline: Pipeline) -> Pipeline:
    """Promotional mail, and people of whom some must not get it, or not now."""
    promotional = {"channels": ("email",), "klass": Class.PROMOTIONAL}
    await pipeline.topic("news", words="{{ data.board }}", **promotional)
    await pipeline.topic("offer", **promotional)
    pipeline.people(*PEOPLE[:190])
    pipeline.people(*UNREACHABLE, address=False)
    with pipeline.make() as make:
        for who in MUTED:
            make.preference(who, "news", allowed=False)
    suppress = "UPDATE addresses SET suppressed = %s WHERE recipient_id = ANY(%s)"
    why = json.dumps({"email/*": {"reason": "hard_bounce", "until": None}})
    pipeline.run_sql(suppress, why, list(BOUNCED))
    pipeline.emit("offer", recipients=CAPPED)
    await pipeline.plan()
    await pipeline.send()
    await cap(pipeline, {**PROMO, "over": "skip"})
    sleep = "UPDATE recipients SET quiet_hours = %s WHERE recipient_id = ANY(%s)"
    pipeline.run_sql(sleep, json.dumps(asleep(pipeline)), list(QUIET))
    return pipeline


def asleep(pipeline: Pipeline) -> object:
    """Quiet hours that have just begun."""
    now = pipeline.clock.now()
    begins, ends = (now.hour + 23) % 24, (now.hour + 2) % 24
    return {"quiet": [f"daily {begins:02}:00-{ends:02}:00"], "timezone": "UTC"}


async def nothing(_done: int, _of: int) -> None:
    """Nobody watches."""


def states(pipeline: Pipeline) -> Counter[tuple[str, str]]:
    told = "SELECT state, coalesce(held_for, reason, '') FROM v_deliveries WHERE campaign = %s"
    return Counter(pipeline.rows(told, KEY))


async def test_a_preflight_foretells_what_then_happens(news: Pipeline):
    await draft(news, recipients=PEOPLE)
    found = await foretell(news.runtime, KEY, nothing)
    assert (found.audience, found.held) == (200, {"quiet_hours": 20})
    assert found.outcomes == {
        ("sent", ""): 168, ("skipped", "over_cap"): 10, ("skipped", "opted_out"): 7,
        ("skipped", "suppressed"): 5, ("skipped", "no_address"): 5,
        ("skipped", "unknown_recipient"): 5,
    }  # fmt: skip
    await launch(news)
    await advanced(news)
    assert (await foretell(news.runtime, KEY, nothing)).outcomes == found.outcomes, "frozen"
    news.travel(seconds=61)
    await advanced(news)
    await news.send()
    assert states(news) == found.outcomes - Counter({("sent", ""): 20}) + Counter(
        {("scheduled", "quiet_hours"): 20}
    )
    news.travel(hours=5)
    await news.send()
    assert states(news) == found.outcomes


async def test_a_cap_that_has_not_learned_yet_holds_nothing_back(news: Pipeline):
    await publish(news, {**PROMO, "limit": 2, "over": "skip"})
    await draft(news, recipients=PEOPLE[42:45])
    found = await foretell(news.runtime, KEY, nothing)
    assert (found.sent, found.held) == (3, {})


async def test_the_forecast_of_a_command_is_kept_with_its_campaign(
    news: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    await draft(news, recipients=PEOPLE[42:45])
    monkeypatch.setenv("TIDINGS_DATABASE_URL", news.url)
    told = await to_thread(tidings, "campaigns", "preflight", KEY, "--json")
    assert json.loads(told) == news.value("SELECT forecast FROM campaigns")
    assert json.loads(told)["outcomes"] == [{"state": "sent", "reason": "", "messages": 3}]


def tidings(*words: str) -> str:
    """What a command writes, as a process of its own: it tells its log elsewhere."""
    command = [sys.executable, "-m", "scheduler", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


async def test_of_what_is_not_there_or_over_nothing_is_foretold(news: Pipeline):
    with pytest.raises(NotNowError, match="there is no campaign spring"):
        await foretell(news.runtime, KEY, nothing)
    await draft(news, recipients=PEOPLE[42:45])
    await launch(news)
    with pytest.raises(ValueError, match="is being frozen: ask again"):
        await foretell(news.runtime, KEY, nothing)
    await advanced(news)
    news.travel(seconds=61)
    await advanced(news)
    with pytest.raises(ValueError, match="is running, nothing of it is still to begin"):
        await foretell(news.runtime, KEY, nothing)


@pytest.fixture
async def asked(news: Pipeline) -> Pipeline:
    """A draft whose pre-flight was asked for."""
    await draft(news, recipients=PEOPLE[42:45])
    assert await ask(news) == 1
    assert await ask(news) == 0, "asked twice is asked once"
    return news


async def ask(pipeline: Pipeline) -> int:
    return await pipeline.runtime.database.run(preflights.ask(KEY, "ada", pipeline.clock.now()))


def kept(pipeline: Pipeline) -> object:
    """How many messages the kept forecast lets go, and what is asked for still."""
    sent = pipeline.value("SELECT forecast #>> '{outcomes,0,messages}' FROM campaigns")
    return sent, pipeline.rows("SELECT done, fault FROM campaign_preflights")


async def test_a_worker_makes_the_pre_flight_that_was_asked_for_once(asked: Pipeline):
    assert await foretelling.step(asked.runtime) == 1
    assert kept(asked) == ("3", [])
    assert await foretelling.step(asked.runtime) == 0


async def test_another_worker_starts_over_once_nothing_is_heard_of_the_first(asked: Pipeline):
    now = asked.clock.now()
    other, until = UUID(int=7), now + foretelling.LEASE
    assert await asked.runtime.database.run(preflights.claim(other, now, until))
    assert await foretelling.step(asked.runtime) == 0
    asked.travel(seconds=31)
    assert await foretelling.step(asked.runtime) == 1
    assert kept(asked) == ("3", [])


async def test_of_a_draft_that_changed_meanwhile_nothing_is_kept(asked: Pipeline):
    asked.run_sql("UPDATE campaigns SET revision = revision + 1")
    assert await foretelling.step(asked.runtime) == 0
    assert kept(asked) == (None, [])


async def test_one_that_cannot_be_made_says_why_and_can_be_asked_for_again(asked: Pipeline):
    asked.run_sql("UPDATE campaigns SET state = 'cancelled'")
    assert await foretelling.step(asked.runtime) == 0
    ((done, fault),) = asked.rows("SELECT done, fault FROM campaign_preflights")
    assert (done, "is cancelled" in fault) == (0, True)
    assert await foretelling.step(asked.runtime) == 0, "nobody tries again by itself"
    asked.run_sql("UPDATE campaigns SET state = 'draft'")
    assert await ask(asked) == 1
    assert await foretelling.step(asked.runtime) == 1


async def test_a_worker_that_stops_leaves_it_to_another_at_once(asked: Pipeline):
    asked.runtime.stopping.set()
    assert await foretelling.step(asked.runtime) == 0
    found = await asked.runtime.database.run(
        preflights.claim(UUID(int=7), asked.clock.now(), asked.clock.now() + timedelta(seconds=9))
    )
    assert found is not None


async def test_what_was_stopped_while_it_was_made_is_not_kept(asked: Pipeline):
    now = asked.clock.now()
    worker = asked.runtime.worker
    one = await asked.runtime.database.run(preflights.claim(worker, now, now))
    assert one is not None
    assert await asked.runtime.database.run(preflights.cancel(KEY)) == 1
    async with asked.runtime.database.begin() as tx:
        assert not await tx.follow(preflights.finish(one, worker, {}))
    assert kept(asked) == (None, [])
