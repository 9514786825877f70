"""The right moment: held in quiet hours, released when they end, never stale."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from delivery.again import by_person
from delivery.profiles import read_profile
from models.database import SyncDatabase
from models.queries.configuring import catalog, rulebooks
from models.queries.configuring.published import Publication
from models.queries.configuring.rulebooks import SPREAD
from models.queries.people import recipients
from models.queries.people.staging import in_parameters
from models.queries.repairing.orders import Order, carry_out
from models.records import Class
from models.states import DEAD, Resolution
from scheduler.keeping import waking
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]

NIGHTS = {"key": "nights", "quiet": ["daily 22:00-07:00"]}
SMEAR = timedelta(minutes=15)


def go_to(pipeline: Pipeline, hour: int, days: int = 1) -> datetime:
    """Let it be a full hour (UTC) of a coming day."""
    now = pipeline.clock.now()
    target = now.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)
    pipeline.clock.ahead += target - now
    return target


async def publish(pipeline: Pipeline, *rules: dict[str, Any], version: int = 1) -> None:
    document = {"quiet_hours": list(rules)}
    wanted = Publication(document, (), "because", "ada", pipeline.clock.now())
    async with pipeline.runtime.database.begin() as tx:
        assert await tx.follow(rulebooks.put_in_force(wanted)) == version
    pipeline.forget_catalog()


async def sale(pipeline: Pipeline, **values: Any) -> None:
    """A promotional topic by mail, and Anna, in UTC."""
    await pipeline.topic("sale", channels=("email",), klass=Class.PROMOTIONAL, **values)
    pipeline.people("anna")
    pipeline.run_sql("UPDATE recipients SET timezone = 'UTC'")


def emit(pipeline: Pipeline, **values: Any) -> UUID:
    """One event, made now."""
    return pipeline.emit("sale", **{"created_at": pipeline.clock.now(), **values})


def held(pipeline: Pipeline) -> tuple[str, datetime]:
    reason, until = pipeline.row("SELECT held_for, due_at FROM queue")
    return reason, until.astimezone(UTC)


async def test_a_mail_waits_for_the_morning(pipeline: Pipeline):
    await sale(pipeline)
    await publish(pipeline, NIGHTS)
    evening = go_to(pipeline, 23)
    emit(pipeline)
    await pipeline.run()
    morning = evening + timedelta(hours=8)
    reason, until = held(pipeline)
    assert reason == "quiet_hours"
    assert morning <= until < morning + SMEAR
    trace = pipeline.value("SELECT trace FROM queue")
    policy, verdict, note = trace["gate"][-1]
    assert (policy, verdict) == ("quiet_hours", "hold:quiet_hours")
    assert note == f"{until.isoformat()} nights@1 UTC profile"
    # One moment before it is still held, by the very row; at its moment it goes.
    pipeline.clock.ahead += until - pipeline.clock.now() - timedelta(seconds=5)
    assert await pipeline.send() == 0
    pipeline.travel(seconds=6)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


async def test_looking_again_too_early_holds_it_for_the_same_moment(pipeline: Pipeline):
    await sale(pipeline)
    await publish(pipeline, NIGHTS)
    go_to(pipeline, 23)
    emit(pipeline)
    await pipeline.run()
    before = pipeline.row("SELECT held_for, due_at, attempt, tries, crashes, trace FROM queue")
    pipeline.run_sql("UPDATE queue SET due_at = due_at - interval '8 hours'")
    pipeline.travel(hours=1)
    await pipeline.send()
    assert pipeline.row("SELECT held_for, due_at, attempt, tries, crashes, trace FROM queue") == (
        before
    )


async def test_who_moved_is_looked_at_where_they_are(pipeline: Pipeline):
    await sale(pipeline)
    await publish(pipeline, NIGHTS)
    evening = go_to(pipeline, 23)
    emit(pipeline)
    await pipeline.run()
    pipeline.run_sql("UPDATE recipients SET timezone = 'America/Anchorage'")
    pipeline.clock.ahead += held(pipeline)[1] - pipeline.clock.now()
    await pipeline.send()
    reason, until = held(pipeline)
    assert reason == "quiet_hours"
    assert until > evening + timedelta(hours=15)


async def test_a_persons_own_hours_hold_also_what_is_transactional(pipeline: Pipeline):
    await pipeline.topic("sale", channels=("email", "in_app"))
    pipeline.people("anna")
    own = {"quiet": ["daily 20:00-09:00"], "timezone": "Asia/Tokyo"}
    pipeline.run_sql("UPDATE recipients SET quiet_hours = %s", json.dumps(own))
    go_to(pipeline, 12)
    emit(pipeline)
    await pipeline.run()
    assert pipeline.deliveries() == {
        ("anna", "email"): ("scheduled", "quiet_hours"),
        ("anna", "in_app"): ("sent", None),
    }
    note = pipeline.value("SELECT trace FROM queue")["gate"][-1][2]
    assert note.endswith("own@0 Asia/Tokyo own")


async def test_what_is_useless_by_the_morning_is_skipped(pipeline: Pipeline):
    await sale(pipeline, lifetime=timedelta(hours=5))
    await publish(pipeline, NIGHTS)
    go_to(pipeline, 23)
    emit(pipeline)
    await pipeline.run()
    assert pipeline.deliveries() == {("anna", "email"): ("skipped", "quiet_too_long")}


async def test_critical_news_goes_at_any_hour(pipeline: Pipeline):
    await pipeline.topic("sale", channels=("email",), klass=Class.CRITICAL)
    pipeline.people("anna")
    await publish(pipeline, NIGHTS)
    go_to(pipeline, 23)
    emit(pipeline)
    await pipeline.run()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


def send_again(pipeline: Pipeline, delivery: UUID) -> None:
    """As a person orders it."""
    now = pipeline.clock.now()
    database = SyncDatabase.connect(pipeline.url, "test", 1)
    with database.begin() as tx:
        compose = by_person(tx.run(catalog.topics()), now)
        order = Order(Resolution.AGAIN, DEAD, "ada@x", compose, now)
        assert tx.follow(carry_out([delivery], order)).done
    database.close()


# Lateness


async def test_after_an_outage_stale_news_is_skipped(pipeline: Pipeline):
    await sale(pipeline)
    emit(pipeline)
    await pipeline.plan()
    pipeline.travel(hours=13)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("skipped", "too_late")}


async def test_waiting_unplanned_makes_late_too(pipeline: Pipeline):
    await sale(pipeline)
    emit(pipeline)
    pipeline.travel(hours=13)
    await pipeline.run()
    assert pipeline.deliveries() == {("anna", "email"): ("skipped", "too_late")}


@pytest.mark.parametrize("how", [{"on_late": "send"}, {"max_lateness": timedelta(hours=14)}])
async def test_a_topic_says_how_late_it_may_be(pipeline: Pipeline, how: dict[str, Any]):
    await sale(pipeline, **how)
    emit(pipeline)
    await pipeline.plan()
    pipeline.travel(hours=13)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


@pytest.mark.parametrize(("late", "state"), [(11, "sent"), (13, "skipped")])
async def test_not_before_is_when_it_was_wanted(pipeline: Pipeline, late: int, state: str):
    await sale(pipeline)
    emit(pipeline, not_before=pipeline.clock.now() + timedelta(days=3))
    await pipeline.plan()
    pipeline.travel(days=3, hours=late)
    await pipeline.send()
    assert pipeline.deliveries()["anna", "email"][0] == state


@pytest.mark.parametrize(("late", "state"), [(11, "sent"), (12, "skipped")])
async def test_our_own_holding_makes_nobody_late(pipeline: Pipeline, late: int, state: str):
    await sale(pipeline)
    await publish(pipeline, {"key": "work", "send": ["daily 09:00-21:30"]})
    go_to(pipeline, 22)
    emit(pipeline)
    await pipeline.run()
    # It is wanted at 09:00 and some minutes; then nobody works for 11 or 12 hours.
    pipeline.clock.ahead += held(pipeline)[1] - pipeline.clock.now()
    pipeline.travel(hours=late, minutes=1)
    await pipeline.send()
    assert pipeline.deliveries()["anna", "email"][0] == state


async def test_who_is_sent_again_by_a_person_is_not_late(pipeline: Pipeline):
    await sale(pipeline)
    emit(pipeline)
    await pipeline.plan()
    pipeline.travel(hours=13)
    await pipeline.send()
    send_again(pipeline, pipeline.value("SELECT delivery_id FROM deliveries"))
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


# A new version


async def waiting(pipeline: Pipeline, number: int = 1) -> datetime:
    """So many deliveries are held for the night; it is 23:00."""
    await sale(pipeline)
    names = [f"r{one}" for one in range(number)]
    pipeline.people(*names)
    pipeline.run_sql("UPDATE recipients SET timezone = 'UTC'")
    await publish(pipeline, NIGHTS)
    evening = go_to(pipeline, 23)
    assert await waking.wake_for_rules(pipeline.runtime) == 0, "for the first version"
    emit(pipeline, recipients=tuple(names))
    await pipeline.run()
    return evening


async def test_what_was_held_goes_soon_when_the_rule_is_gone(pipeline: Pipeline):
    await waiting(pipeline, 30)
    await publish(pipeline, version=2)
    assert await waking.wake_for_rules(pipeline.runtime) == 0, "not everybody has heard of it"
    pipeline.travel(seconds=4)
    pipeline.run_sql("UPDATE queue SET lane = 9 * 16 WHERE recipient_id = 'r7'")
    assert await waking.wake_for_rules(pipeline.runtime) == 30
    assert await waking.wake_for_rules(pipeline.runtime) == 0
    order = pipeline.rows("SELECT recipient_id, due_at FROM queue ORDER BY due_at")
    assert order[0][0] == "r7", "the most important first"
    assert len({due for _, due in order}) > 20, "not all at once"
    assert order[-1][1] - pipeline.clock.now() < SPREAD
    pipeline.travel(minutes=5)
    await pipeline.send()
    assert {state for state, _ in pipeline.deliveries().values()} == {"sent"}


async def test_what_is_still_held_waits_for_the_same_moment(pipeline: Pipeline):
    await waiting(pipeline, 5)
    query = "SELECT delivery_id, held_for, due_at FROM queue ORDER BY 1"
    before = pipeline.rows(query)
    office = {"key": "office", "send": ["mon 09:00-17:00"], "topics": ["other"]}
    await publish(pipeline, NIGHTS, office, version=2)
    pipeline.travel(seconds=4)
    assert await waking.wake_for_rules(pipeline.runtime) == 5
    pipeline.travel(minutes=5)
    await pipeline.send()
    assert pipeline.rows(query) == before
    assert await waking.wake_for_rules(pipeline.runtime) == 0, "each bucket once"


async def test_a_waking_that_stops_half_way_goes_on_there(pipeline: Pipeline):
    await waiting(pipeline, 40)
    await publish(pipeline, version=2)
    pipeline.travel(seconds=4)
    pipeline.run_sql("UPDATE rulebooks SET woken = 512 WHERE version = 2")
    upper = pipeline.value("SELECT count(*) FROM queue WHERE bucket >= 512")
    assert 0 < upper < 40
    assert await waking.wake_for_rules(pipeline.runtime) == upper
    assert pipeline.value("SELECT woken FROM rulebooks WHERE version = 2") == 1024


async def test_two_workers_wake_each_row_once(workers: Workers):
    first, second = await workers(), await workers()
    await waiting(first, 40)
    await publish(first, version=2)
    first.travel(seconds=4)
    second.clock.ahead = first.clock.ahead
    woken = await asyncio.gather(
        *(waking.wake_for_rules(worker.runtime) for worker in (first, second))
    )
    assert sum(woken) == 40


@pytest.mark.parametrize(
    "profile",
    [
        {"timezone": "Asia/Tokyo"},
        {"quiet_hours": {"quiet": ["daily 03:00-04:00"]}},
    ],
)
async def test_who_moves_or_changes_their_hours_hears_of_it_soon(
    pipeline: Pipeline, profile: dict[str, Any]
):
    await waiting(pipeline, 2)
    moved = read_profile("r0", profile, {})
    now = pipeline.clock.now()
    async with pipeline.runtime.database.begin() as tx:
        for statement in recipients.write_profiles(in_parameters([moved]), now):
            await tx.run(statement)
    await pipeline.send()
    assert pipeline.deliveries() == {
        ("r0", "email"): ("sent", None),
        ("r1", "email"): ("scheduled", "quiet_hours"),
    }


async def test_the_feed_waits_only_where_a_rule_names_it(pipeline: Pipeline):
    await pipeline.topic("sale", klass=Class.PROMOTIONAL)
    pipeline.people("anna")
    pipeline.run_sql("UPDATE recipients SET timezone = 'UTC'")
    feed = {"key": "feed", "quiet": ["daily 22:00-07:00"], "channels": ["in_app"]}
    await publish(pipeline, feed)
    go_to(pipeline, 23)
    emit(pipeline)
    await pipeline.run()
    assert pipeline.deliveries() == {("anna", "in_app"): ("scheduled", "quiet_hours")}
    pipeline.clock.ahead += held(pipeline)[1] - pipeline.clock.now()
    pipeline.travel(seconds=1)
    await pipeline.feed()
    assert pipeline.deliveries() == {("anna", "in_app"): ("sent", None)}
