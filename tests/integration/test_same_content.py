"""The same content within a window is one message, however it comes and whoever sends it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from models.records import Class
from scheduler.planning import plan
from scheduler.sending import feed, send
from tests.integration.conftest import Workers
from tests.pipeline import Pipeline

COPIES = 52
BOTH = ("in_app", "email")


def outcome(pipeline: Pipeline) -> Counter[tuple[str, str, str | None]]:
    return Counter(
        pipeline.rows("SELECT channel, state, coalesce(held_for, reason) FROM v_deliveries")
    )


def one_of(copies: int, *channels: str) -> Counter[tuple[str, str, str | None]]:
    expected: Counter[tuple[str, str, str | None]] = Counter()
    for channel in channels:
        expected[channel, "sent", None] = 1
        expected[channel, "skipped", "same_content"] = copies - 1
    return expected


async def invite(pipeline: Pipeline, channels: Any = BOTH, **topic: Any) -> None:
    """A topic as it is made by default, but for what is said."""
    await pipeline.topic(channels=channels, **{"same_content": None, **topic})
    pipeline.people("anna", "bo")


def say(answer: bytes) -> Callable[..., Awaitable[bytes]]:
    """What a server answers to every message."""

    async def answered(*_: object) -> bytes:
        return answer

    return answered


async def test_fifty_two_identical_events_within_an_hour_are_one_message(pipeline: Pipeline):
    await invite(pipeline)
    for _ in range(COPIES):
        await pipeline.run(pipeline.emit())
        pipeline.travel(minutes=1)
    assert outcome(pipeline) == one_of(COPIES, *BOTH)
    assert len(pipeline.mail.kept) == 1
    assert pipeline.value("SELECT count(*) FROM inbox") == 1


@pytest.mark.parametrize("workers_at_once", [1, 4])
async def test_all_at_once_they_are_one_message_too(workers: Workers, workers_at_once: int):
    team = [await workers() for _ in range(workers_at_once)]
    await invite(team[0])
    for one in team:
        one.runtime.settings.worker_plan_batch = 5  # so that each of them gets some
        one.forget_catalog()
    for _ in range(COPIES):
        team[0].emit()

    async def work(one: Pipeline) -> None:
        for _ in range(40):
            await plan.step(one.runtime)
            await feed.step(one.runtime, one.feed_turns)
            await send.step(one.runtime, one.send_turns)
            await one.land()

    await asyncio.gather(*map(work, team))
    assert outcome(team[0]) == one_of(COPIES, *BOTH)
    assert len(team[0].mail.kept) == 1


async def test_after_the_hour_it_may_be_said_again(pipeline: Pipeline):
    await invite(pipeline, ("email",))
    await pipeline.run(pipeline.emit())
    pipeline.travel(minutes=59)
    await pipeline.run(pipeline.emit())
    pipeline.travel(minutes=1, seconds=1)
    await pipeline.run(pipeline.emit())
    assert len(pipeline.mail.kept) == 2


async def test_a_topic_sets_its_own_window_or_none(pipeline: Pipeline):
    await invite(pipeline, ("email",), key="day", same_content=timedelta(days=1))
    await invite_more(pipeline, "off", timedelta())
    for _ in range(2):
        await pipeline.run(pipeline.emit("day", dedup_key=None), pipeline.emit("off"))
        pipeline.travel(hours=23)
    assert len(pipeline.mail.kept) == 3


async def invite_more(pipeline: Pipeline, key: str, window: timedelta | None) -> None:
    await pipeline.topic(key, channels=("email",), same_content=window)


@pytest.mark.parametrize(
    ("topic", "event"),
    [
        ({}, {"dedup_key": "one of its own"}),
        ({"klass": Class.CRITICAL}, {}),
        ({"sensitive": True}, {}),
        ({}, {"data": {"board": "Other"}}),
        ({}, {"actor": "bo"}),
        ({}, {"thread": "other"}),
        ({}, {"recipients": ("bo",)}),
    ],
)
async def test_what_is_not_the_same_goes(pipeline: Pipeline, topic: Any, event: Any):
    await invite(pipeline, ("email",), **topic)
    pipeline.emit()
    await pipeline.run(pipeline.emit(**event))
    assert len(pipeline.mail.kept) == 2


async def test_to_many_it_is_told_apart_for_each(pipeline: Pipeline):
    await invite(pipeline, ("in_app",))
    everybody = tuple(f"r{number}" for number in range(1200))
    pipeline.people(*everybody, address=False)
    pipeline.emit(recipients=everybody[:5])
    await pipeline.run(pipeline.emit(recipients=everybody))
    assert outcome(pipeline) == {
        ("in_app", "sent", None): 1200, ("in_app", "skipped", "same_content"): 5,
    }  # fmt: skip


async def test_who_was_not_told_after_all_is_told_by_the_next(pipeline: Pipeline):
    """The first is refused for good: it said nothing, so the second is no repetition."""
    await invite(pipeline, ("email",))
    pipeline.mail.dot = say(b"554 5.6.0 no")  # type: ignore[method-assign]
    await pipeline.run(pipeline.emit())
    assert outcome(pipeline) == {("email", "failed", "content_refused"): 1}
    del pipeline.mail.dot
    await pipeline.run(pipeline.emit())
    assert len(pipeline.mail.kept) == 1


async def test_while_the_first_waits_for_its_next_try_another_may_go_instead(pipeline: Pipeline):
    await invite(pipeline, ("email",))
    pipeline.mail.dot = say(b"451 4.3.0 later")  # type: ignore[method-assign]
    await pipeline.run(pipeline.emit())
    del pipeline.mail.dot
    await pipeline.run(pipeline.emit())
    pipeline.travel(minutes=10)
    await pipeline.send()
    assert outcome(pipeline) == one_of(2, "email")
    assert len(pipeline.mail.kept) == 1
