"""Escalation: in-app first, e-mail later unless it was read; and what becomes of a lost step."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.queries.people import feed as feeds
from models.queries.people.feed import Mark, Which
from models.records import Class, OnUnsent, Unless
from tests.pipeline import Pipeline

QUARTER = timedelta(minutes=15)


async def escalating(
    pipeline: Pipeline, channels: tuple[str, ...] = ("in_app", "email"), **step: Any
) -> None:
    """A topic of which every step but the first waits a quarter of an hour for the one before."""
    topic = await pipeline.topic(channels=channels)
    first, *others = topic.steps
    waiting = [replace(each, **{"after": QUARTER, **step}) for each in others]
    await pipeline.topic(channels=channels, steps=(first, *waiting))


async def again(pipeline: Pipeline) -> None:
    """The ticks, until nothing is due."""
    await pipeline.plan()
    await pipeline.feed()
    while await pipeline.send():
        pass


async def mark(pipeline: Pipeline, said: Mark) -> None:
    """What a person does in the feed, as the API does it."""
    async with pipeline.runtime.database.begin() as tx:
        change = (await tx.run(feeds.lock("anna"))).change
        marked = feeds.mark("anna", said, Which(None, None), change, pipeline.clock.now())
        await tx.run(feeds.advance("anna", change + await tx.run(marked)))


async def test_a_mail_follows_a_quarter_of_an_hour_after_the_item(pipeline: Pipeline):
    await escalating(pipeline, unless=Unless.READ)
    pipeline.people("anna")
    pipeline.emit()
    await again(pipeline)
    assert pipeline.deliveries() == {
        ("anna", "in_app"): ("sent", None),
        ("anna", "email"): ("scheduled", "previous_step"),
    }
    due = pipeline.value(
        "SELECT q.due_at = d.settled_at + interval '15 min' FROM queue q, deliveries d"
        " WHERE d.channel = 'in_app'"
    )
    assert due
    pipeline.travel(minutes=14)
    await again(pipeline)
    assert pipeline.runtime.on_wire == 0
    assert pipeline.deliveries()["anna", "email"] == ("scheduled", "previous_step")
    pipeline.travel(minutes=1, seconds=1)
    await again(pipeline)
    assert pipeline.deliveries()["anna", "email"] == ("sent", None)
    checks = pipeline.value("SELECT trace -> 'gate' FROM deliveries WHERE channel = 'email'")
    assert ["steps", "keep", "in_app sent"] in checks
    pipeline.check()


@pytest.mark.parametrize(
    ("unless", "said", "reason"),
    [
        (Unless.READ, Mark.READ, "already_read"),
        (Unless.READ, Mark.ARCHIVE, "already_read"),
        (Unless.READ, Mark.SEEN, None),
        (Unless.SEEN, Mark.SEEN, "already_seen"),
        (Unless.SEEN, Mark.READ, "already_seen"),
        (None, Mark.READ, None),
    ],
)
async def test_it_is_dropped_when_the_item_was_noticed(
    pipeline: Pipeline, unless: Unless | None, said: Mark, reason: str | None
):
    await escalating(pipeline, unless=unless)
    pipeline.people("anna")
    pipeline.emit()
    await again(pipeline)
    await mark(pipeline, said)
    pipeline.travel(minutes=16)
    await again(pipeline)
    expected = ("sent", None) if reason is None else ("skipped", reason)
    assert pipeline.deliveries()["anna", "email"] == expected
    pipeline.check()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (OnUnsent.WAIT, ("scheduled", "previous_step")),
        (OnUnsent.GO, ("sent", None)),
        (OnUnsent.STOP, ("skipped", "previous_step_unsent")),
    ],
)
async def test_what_an_unsent_step_means_is_the_topics_choice(
    pipeline: Pipeline, rule: OnUnsent, expected: tuple[str, str | None]
):
    await escalating(pipeline, on_unsent=rule)
    pipeline.people("anna")
    with pipeline.make() as make:
        make.preference("anna", "news", channel="in_app", allowed=False)
    pipeline.emit()
    await again(pipeline)
    assert pipeline.deliveries() == {
        ("anna", "in_app"): ("skipped", "opted_out"),
        ("anna", "email"): expected,
    }


async def test_each_of_three_steps_waits_for_the_one_before_it(pipeline: Pipeline):
    await escalating(pipeline, ("in_app", "email", "sms"))
    pipeline.people("anna")
    pipeline.emit()
    await again(pipeline)
    pipeline.travel(minutes=15, seconds=1)
    await again(pipeline)
    assert pipeline.deliveries() == {
        ("anna", "in_app"): ("sent", None),
        ("anna", "email"): ("sent", None),
        ("anna", "sms"): ("scheduled", "previous_step"),
    }
    pipeline.travel(minutes=15, seconds=1)
    await again(pipeline)
    assert pipeline.deliveries()["anna", "sms"] == ("skipped", "no_address")


async def test_a_word_that_was_lost_is_made_up_for_within_the_hour(pipeline: Pipeline):
    await escalating(pipeline)
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    pipeline.run_sql("UPDATE queue SET follower = NULL")
    await pipeline.feed()
    pipeline.travel(minutes=59)
    await again(pipeline)
    assert pipeline.deliveries()["anna", "email"] == ("scheduled", "previous_step")
    pipeline.travel(minutes=2)
    await again(pipeline)
    assert pipeline.deliveries()["anna", "email"] == ("sent", None)


async def test_a_step_outlives_the_pauses_before_it(pipeline: Pipeline):
    await pipeline.topic(klass=Class.PROMOTIONAL, channels=("in_app", "email"))
    await escalating(pipeline, after=timedelta(days=7))
    pipeline.people("anna")
    pipeline.emit()
    await again(pipeline)
    pipeline.travel(days=7, minutes=1)
    await again(pipeline)
    assert pipeline.deliveries()["anna", "email"] == ("sent", None)


async def test_a_step_behind_an_own_action_is_not_sent_either(pipeline: Pipeline):
    await escalating(pipeline)
    pipeline.people("anna")
    pipeline.emit(actor="anna")
    await again(pipeline)
    assert set(pipeline.deliveries().values()) == {("skipped", "own_action")}


async def test_planning_twice_changes_nothing(
    pipeline: Pipeline, workers: Callable[[], Awaitable[Pipeline]]
):
    await escalating(pipeline)
    pipeline.people("anna")
    row = pipeline.emit()
    await pipeline.plan()
    other = await workers()
    pipeline.emit(id=row)
    await other.plan()
    await again(pipeline)
    assert len(pipeline.deliveries()) == 2
    pipeline.check()
