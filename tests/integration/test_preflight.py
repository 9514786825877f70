"""A pre-flight foretells what then happens."""

import json
import subprocess
import sys
from asyncio import to_thread
from collections import Counter

import pytest

from models.queries.campaigns.orders import NotNowError
from models.records import Class
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


def nothing(_done: int, _of: int) -> None:
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
