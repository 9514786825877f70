"""Kill switches: what they cover is held, goes again when they are lifted, and fails never."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from models.queries.configuring import controls
from models.queries.routing import EVERYWHERE
from models.records import Class, Switch
from scheduler.commands import switches
from scheduler.keeping import waking
from scheduler.sending import feed, send
from tests.mail_servers import Client, MailServer
from tests.pipeline import Pipeline, exhausted

Workers = Callable[[], Awaitable[Pipeline]]
Setting = Callable[[str, str], None]
MINUTE = timedelta(minutes=1)
TWENTY = tuple(f"r{number}" for number in range(20))
HELD = ("scheduled", "kill_switch")


async def switch(pipeline: Pipeline, *names: str) -> None:
    """Exactly these are on, and the worker has heard of it."""
    pipeline.run_sql("DELETE FROM switches")
    async with pipeline.runtime.database.begin() as tx:
        for name in names:
            await tx.run(controls.set_switch(Switch(name, "why", "ada", pipeline.clock.now())))
    await pipeline.runtime.controls.reread(pipeline.runtime.database)


async def three(pipeline: Pipeline, **columns: Any) -> None:
    """One topic of each class, planned for Anna on both channels."""
    pipeline.runtime.rules = pipeline.runtime.rules_for("in_app")
    pipeline.people("anna")
    for klass in Class:
        await pipeline.topic(klass, klass=klass, channels=("email", "in_app"))
        pipeline.emit(klass, **columns)
    await pipeline.plan()


def standing(pipeline: Pipeline) -> dict[tuple[str, str], str]:
    """(class, channel) to state, or what it is held for."""
    return {
        (topic, channel): held or state
        for topic, channel, state, held in pipeline.rows(
            "SELECT topic, channel, state, held_for FROM v_deliveries"
        )
    }


async def work(pipeline: Pipeline) -> None:
    await pipeline.feed()
    await exhausted(pipeline.send)


@pytest.mark.parametrize(
    ("name", "stops"),
    [
        ("all", [(klass, channel) for klass in Class for channel in ("email", "in_app")]),
        ("class:promotional", [("promotional", "email"), ("promotional", "in_app")]),
        ("topic:critical", [("critical", "email"), ("critical", "in_app")]),
        ("channel:email", [("transactional", "email"), ("promotional", "email")]),
        ("channel:in_app", [("transactional", "in_app"), ("promotional", "in_app")]),
    ],
)
async def test_holds_what_it_covers_until_it_is_lifted(
    pipeline: Pipeline, name: str, stops: list[tuple[str, str]]
):
    await three(pipeline)
    await switch(pipeline, name)
    await work(pipeline)
    found = standing(pipeline)
    assert {place for place, state in found.items() if state == "kill_switch"} == set(stops)
    assert {state for place, state in found.items() if place not in set(stops)} <= {"sent"}
    assert set(pipeline.rows("SELECT attempt, tries, crashes FROM queue")) == {(0, 0, 0)}
    await work(pipeline)
    assert standing(pipeline) == found, "held rows are due much later"
    await switch(pipeline)
    await waking.keep(pipeline.runtime)
    await work(pipeline)
    assert set(standing(pipeline).values()) == {"sent"}


async def test_a_campaign_is_stopped_alone(pipeline: Pipeline):
    await three(pipeline)
    pipeline.run_sql("UPDATE queue SET campaign = 'spring' WHERE topic <> 'transactional'")
    await switch(pipeline, "campaign:spring")
    await work(pipeline)
    held = {place for place, state in standing(pipeline).items() if state == "kill_switch"}
    assert held == {("promotional", "email"), ("promotional", "in_app")}


async def test_what_expires_while_it_is_held_expires(pipeline: Pipeline):
    await pipeline.topic(channels=("email",))
    pipeline.people("anna")
    pipeline.emit(expires_at=pipeline.clock.now().replace(microsecond=0) + (5 * MINUTE))
    await pipeline.plan()
    await switch(pipeline, "all")
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): HELD}
    pipeline.travel(minutes=6)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("expired", "expired")}


def hold_at_the_dot(mail: MailServer, messages: int) -> asyncio.Barrier:
    """A barrier to pass when `messages` wait at their dot, and again to let them be answered."""
    together = asyncio.Barrier(messages + 1)

    async def wait(client: Client) -> bytes:
        await together.wait()
        await together.wait()
        return await MailServer.dot(mail, client)

    # With PIPELINING, a connection takes a second message while the first waits at its dot.
    mail.extensions = ("8BITMIME",)
    mail.dot = wait
    return together


async def test_one_set_while_a_batch_is_on_its_way_stops_the_rest_of_it(
    setting: Setting, workers: Workers
):
    setting("WORKER_CONCURRENCY", "4")
    pipeline = await workers()
    await pipeline.topic(channels=("email",))
    pipeline.people(*TWENTY)
    pipeline.emit(recipients=TWENTY)
    await pipeline.plan()
    together = hold_at_the_dot(pipeline.mail, 4)
    await send.step(pipeline.runtime, pipeline.send_turns)
    await together.wait()
    await switch(pipeline, "topic:board.shared")
    await together.wait()
    await pipeline.land()
    assert len(pipeline.mail.kept) == 4
    states = pipeline.rows("SELECT state, held_for, attempt, tries, begun_at FROM queue")
    assert states == [("scheduled", "kill_switch", 1, 0, None)] * 16
    assert pipeline.runtime.on_wire == 0
    del pipeline.mail.dot
    await switch(pipeline)
    await pipeline.wake()
    await pipeline.send()
    assert len(pipeline.mail.kept) == 20


async def test_workers_hear_of_it_within_a_second(pipeline: Pipeline):
    await pipeline.runtime.controls.refresh(pipeline.runtime.database)
    pipeline.run_sql("INSERT INTO switches VALUES ('all', 'why', 'ada', now())")
    began = time.monotonic()
    while not pipeline.runtime.controls.stops:
        await waking.keep(pipeline.runtime)
        await asyncio.sleep(0.05)
    assert time.monotonic() - began < 1


async def test_what_a_worker_without_news_holds_after_the_lift_is_woken_too(workers: Workers):
    here, late = await workers(), await workers()
    await here.topic()
    here.people("anna")
    here.emit()
    await here.plan()
    for worker in (here, late):
        worker.runtime.database.clock = here.clock
        await switch(worker, "all")
    here.run_sql("DELETE FROM switches")
    await here.runtime.controls.reread(here.runtime.database)
    assert await waking.keep(here.runtime) == 0
    await feed.step(late.runtime, late.feed_turns)
    assert here.deliveries() == {("anna", "in_app"): HELD}
    assert await waking.keep(here.runtime) == 1, "it looks again for two seconds"


async def test_a_worker_that_starts_wakes_what_nothing_holds_any_more(workers: Workers):
    pipeline, young = await workers(), await workers()
    await pipeline.topic()
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    await switch(pipeline, "all")
    await pipeline.feed()
    assert await waking.keep(young.runtime) == 0
    pipeline.run_sql("DELETE FROM switches")
    young.forget_catalog()
    assert await waking.keep(young.runtime) == 1
    assert await waking.wake(young.runtime) == 0


async def test_many_are_woken_the_most_important_first(pipeline: Pipeline):
    await three(pipeline, recipients=tuple(f"r{number}" for number in range(900)))
    await switch(pipeline, "all")
    await work(pipeline)
    async with pipeline.runtime.database.begin() as tx:
        woken = await tx.run(controls.wake("kill_switch", EVERYWHERE, 600, pipeline.clock.now()))
    assert woken == 600
    assert pipeline.column("SELECT DISTINCT topic FROM queue WHERE held_for IS NULL") == [
        "critical"
    ]


async def test_only_critical_news_goes_while_the_switches_cannot_be_read(pipeline: Pipeline):
    await three(pipeline)
    await switch(pipeline)
    pipeline.run_sql("ALTER TABLE switches RENAME TO elsewhere")
    await pipeline.runtime.controls.reread(pipeline.runtime.database)
    assert not pipeline.runtime.controls.stops, "what was read a moment ago still counts"
    pipeline.runtime.controls._read_at -= 31
    await pipeline.runtime.controls.reread(pipeline.runtime.database)
    await work(pipeline)
    found = standing(pipeline)
    assert {klass for (klass, _), state in found.items() if state == "sent"} == {"critical"}
    assert set(found.values()) == {"sent", "kill_switch"}
    pipeline.run_sql("ALTER TABLE elsewhere RENAME TO switches")
    await pipeline.runtime.controls.reread(pipeline.runtime.database)
    await waking.keep(pipeline.runtime)
    await work(pipeline)
    assert set(standing(pipeline).values()) == {"sent"}


async def test_a_worker_that_never_read_the_switches_sends_only_critical_news(pipeline: Pipeline):
    await three(pipeline)
    pipeline.run_sql("ALTER TABLE switches RENAME TO elsewhere")
    pipeline.forget_catalog()
    await work(pipeline)
    sent = {klass for (klass, _), state in standing(pipeline).items() if state == "sent"}
    assert sent == {"critical"}


@pytest.fixture
def command(setting: Setting, database_url: str) -> Callable[..., Any]:
    setting("DATABASE_URL", database_url)
    return lambda *words: CliRunner().invoke(switches.app, words)


async def test_the_command_sets_lists_and_lifts_with_an_audit(
    pipeline: Pipeline, command: Callable[..., Any]
):
    await pipeline.topic("news")
    assert "topic:news is stopped" in command("set", "topic:news", "--reason", "typo").stdout
    assert "is stopped" in command("set", "topic:news", "--reason", "a typo").stdout
    assert pipeline.rows("SELECT switch, reason FROM switches") == [("topic:news", "a typo")]
    assert "a typo" in command("list").stdout
    assert "may go again" in command("lift", "topic:news").stdout
    assert "No switch is on" in command("list").stdout
    assert pipeline.rows("SELECT action, subject, why FROM audit ORDER BY at") == [
        ("set a kill switch", "topic:news", "typo"),
        ("set a kill switch", "topic:news", "a typo"),
        ("lifted a kill switch", "topic:news", ""),
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("set", "topic:nwes", "--reason", "x"), "there is no topic nwes"),
        (("set", "channel:fax", "--reason", "x"), "there is no channel fax"),
        (("set", "account:main", "--reason", "x"), "there is no account main"),
        (("set", "everything", "--reason", "x"), "no switch: write all, class:"),
        (("lift", "all"), "no switch all is on"),
    ],
)
async def test_the_command_refuses_what_would_stop_nothing(
    pipeline: Pipeline, command: Callable[..., Any], words: tuple[str, ...], complaint: str
):
    done = command(*words)
    assert done.exit_code == 1
    assert complaint in str(done.exception)
    assert pipeline.value("SELECT count(*) FROM audit") == 0
