"""Reputation: a flood pauses promotional mail where it is, tells once, and lets go in time."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta

import psycopg
import pytest
from typer.testing import CliRunner

from delivery.api.gauges.reading import read
from delivery.reputation.trust import lifted
from models.queries.keeping import reputations
from models.records import Class, Trust
from scheduler.commands import reputation as command
from scheduler.keeping import reputation, waking
from scheduler.keeping.notices import PAUSED
from tests.mail_servers import Client, MailServer
from tests.pipeline import Pipeline, exhausted

Workers = Callable[[], Awaitable[Pipeline]]
Flood = Callable[[Pipeline], None]
NEWS = {
    "provider": "made up", "topic": "news", "account": "mailbox", "sender": "example.com",
    "destination": "google",
}  # fmt: skip
FLOOD = {
    "account:mailbox", "destination:example.com/google", "domain:example.com", "topic:news",
}  # fmt: skip


@pytest.fixture
def flood(database_url: str, workers: Workers) -> Iterator[Flood]:  # noqa: ARG001 - it checks last
    """What a list of dead addresses leaves in the counts; away again before all must add up."""

    def make(pipeline: Pipeline) -> None:
        with pipeline.make() as rows:
            rows.person("ada@example.com", "operator")
            rows.moves("sent", 240, **NEWS)
            rows.moves("bounced", 60, reason="address_refused", **NEWS)

    yield make
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM rollups WHERE provider = 'made up'")


async def judged(pipeline: Pipeline) -> dict[str, str]:
    """Scope to state, after a tick that is due and heard of."""
    await reputation.judge(pipeline.runtime)
    await pipeline.runtime.controls.reread(pipeline.runtime.database)
    return dict(pipeline.rows("SELECT scope, state FROM reputations"))


async def mails(pipeline: Pipeline, **topics: Class) -> None:
    """One mail of each topic, planned for Anna and for Bo at Gmail."""
    pipeline.runtime.rules = pipeline.runtime.rules_for("in_app")
    pipeline.people("anna", address=False)
    with pipeline.make() as make:
        make.address("anna", "anna@gmail.com")
    for topic, klass in topics.items():
        await pipeline.topic(topic, klass=klass, channels=("email",))
        pipeline.emit(topic)
    await pipeline.plan()


def standing(pipeline: Pipeline) -> dict[str, str]:
    """Topic to state, or what it is held for."""
    found = "SELECT topic, coalesce(held_for, state) FROM v_deliveries WHERE topic <> %s"
    return dict(pipeline.rows(found, PAUSED.topic))


async def test_a_flood_pauses_promotional_mail_within_one_tick_and_nothing_else(
    pipeline: Pipeline, flood: Flood
):
    flood(pipeline)
    every = {"news": Class.PROMOTIONAL, "invoice": Class.TRANSACTIONAL, "code": Class.CRITICAL}
    await mails(pipeline, **every, tips=Class.PROMOTIONAL)
    assert {scope for scope, state in (await judged(pipeline)).items() if state == "tripped"} == (
        FLOOD
    )
    await exhausted(pipeline.send)
    assert standing(pipeline) == {
        "news": "reputation", "tips": "reputation", "invoice": "sent", "code": "sent",
    }  # fmt: skip
    assert pipeline.rows("SELECT attempt, tries FROM queue WHERE topic = 'news'") == [(0, 0)]
    (said,) = pipeline.column("SELECT trace->'gate'->-1 FROM queue WHERE topic = 'tips'")
    assert said[:2] == ["reputation", "hold:reputation"]
    assert said[2].split()[1] == "destination:example.com/google"


async def test_what_a_person_lets_go_goes_and_the_flood_counts_no_more(
    pipeline: Pipeline, flood: Flood
):
    flood(pipeline)
    await mails(pipeline, news=Class.PROMOTIONAL)
    await judged(pipeline)
    await exhausted(pipeline.send)
    now = pipeline.clock.now()
    async with pipeline.runtime.database.begin() as tx:
        for scope in sorted(FLOOD):
            await tx.follow(
                reputations.change(scope, lambda one: lifted(one, "ada", "clean", now), now)
            )
    pipeline.travel(seconds=61)
    assert set((await judged(pipeline)).values()) == {"ok"}
    await waking.keep(pipeline.runtime)
    await exhausted(pipeline.send)
    assert standing(pipeline) == {"news": "sent"}


async def test_workers_who_judge_at_once_trip_once_and_tell_once(workers: Workers, flood: Flood):
    pipeline, other = await workers(), await workers()
    flood(pipeline)
    await asyncio.gather(*(reputation.judge(one.runtime) for one in (pipeline, other, pipeline)))
    assert pipeline.value("SELECT count(*) FROM audit WHERE action LIKE 'judged%%'") == len(FLOOD)
    assert pipeline.column("SELECT topic FROM outbox") == [PAUSED.topic]
    for _ in range(2):
        pipeline.travel(seconds=61)
        await judged(pipeline)
    assert pipeline.column("SELECT topic FROM outbox") == [PAUSED.topic]


async def test_a_crash_between_trip_and_notice_is_made_good_by_whoever_comes_next(
    pipeline: Pipeline, flood: Flood
):
    flood(pipeline)
    async with pipeline.runtime.database.begin() as tx:  # and no more of it
        await reputation._judge(tx, pipeline.runtime, pipeline.clock.now())
    assert pipeline.column("SELECT DISTINCT state FROM reputations") == ["tripped"]
    assert pipeline.column("SELECT topic FROM outbox") == []
    await judged(pipeline)
    await pipeline.plan()
    await exhausted(pipeline.send)
    (mail,) = pipeline.mail.kept
    assert mail.recipient == "ada@example.com"
    text = mail.content.decode()
    assert "example.com and 3 more" in text
    assert "60 of 300 mails in the last hour came back for good, 20 %" in text


async def test_mail_that_servers_refuse_is_counted_where_it_was_sent_from(pipeline: Pipeline):
    """From the wire to the pause, without a count that a test made up."""

    async def refuse(_: MailServer, __: Client) -> bytes:
        return b"550 5.1.1 no such user"

    people = tuple(f"r{number}" for number in range(120))
    await pipeline.topic("news", klass=Class.PROMOTIONAL, channels=("email",))
    pipeline.people(*people)
    pipeline.run_sql("UPDATE addresses SET address = replace(address, '@', '@gmail.com.')")
    pipeline.run_sql("UPDATE addresses SET address = split_part(address, '.example', 1)")
    pipeline.emit("news", recipients=people)
    await pipeline.plan()
    pipeline.mail.rcpt = refuse.__get__(pipeline.mail)  # type: ignore[attr-defined]
    await exhausted(pipeline.send)
    states = await judged(pipeline)
    assert {scope for scope, state in states.items() if state == "tripped"} == FLOOD


async def test_a_pause_ends_in_a_trial_that_lets_through_a_little(pipeline: Pipeline, flood: Flood):
    flood(pipeline)
    people = tuple(f"r{number}" for number in range(20))
    await pipeline.topic("news", klass=Class.PROMOTIONAL, channels=("email",))
    pipeline.people(*people)
    pipeline.emit("news", recipients=people)
    await pipeline.plan()
    await judged(pipeline)
    await exhausted(pipeline.send)
    assert pipeline.mail.kept == []
    pipeline.travel(minutes=61)
    assert set((await judged(pipeline)).values()) == {Trust.PROBATION}
    await waking.keep(pipeline.runtime)
    await exhausted(pipeline.send)
    assert 1 <= len(pipeline.mail.kept) <= 3, "moments lie six seconds apart"
    assert pipeline.column("SELECT DISTINCT held_for FROM queue") == ["rate"]
    pipeline.travel(minutes=61)
    assert set((await judged(pipeline)).values()) == {Trust.OK}
    pipeline.travel(minutes=11)
    await pipeline.runtime.controls.reread(pipeline.runtime.database)
    await exhausted(pipeline.send)
    assert len(pipeline.mail.kept) == 20


async def test_a_state_that_nobody_knows_stops_promotional_mail_there(pipeline: Pipeline):
    await mails(pipeline, news=Class.PROMOTIONAL, tips=Class.PROMOTIONAL)
    pipeline.run_sql(
        "INSERT INTO reputations (scope, state, since) VALUES ('topic:news', '?', now())"
    )
    await pipeline.runtime.controls.reread(pipeline.runtime.database)
    await exhausted(pipeline.send)
    assert standing(pipeline) == {"news": "reputation", "tips": "sent"}


def test_hours_begin_where_clocks_do():
    at = datetime.fromisoformat("2026-11-22T12:34:56+00:00")
    assert reputation._floor(at, timedelta(hours=1)).isoformat() == "2026-11-22T12:00:00+00:00"


async def test_commands_hold_and_let_go_with_a_reason_and_show_what_is(
    pipeline: Pipeline, flood: Flood, monkeypatch: pytest.MonkeyPatch
):
    flood(pipeline)
    await judged(pipeline)
    monkeypatch.setenv("TIDINGS_DATABASE_URL", pipeline.url)
    monkeypatch.setenv("COLUMNS", "160")
    run = CliRunner().invoke

    def refused(*said: str) -> str:
        return str(run(command.app, said).exception)

    await pipeline.topic("tips")
    assert "there is no topic tipz" in refused("hold", "topic:tipz", "--reason", "x")
    assert "is no scope: write domain:…" in refused("hold", "news", "--reason", "x")
    assert refused("hold", "topic:tips", "--reason", " ") == "give a reason: others will read it"
    assert "topic:tips is not paused" in refused("lift", "topic:tips", "--reason", "x")
    assert run(command.app, ["hold", "topic:tips", "--reason", "review"]).exit_code == 0
    assert run(command.app, ["lift", "topic:news", "--reason", "clean"]).exit_code == 0
    found = {one["scope"]: one for one in json.loads(run(command.app, ["--json"]).stdout)["scopes"]}
    assert {scope: one["trust"] for scope, one in found.items()} == {
        **dict.fromkeys(FLOOD, "tripped"), "topic:tips": "held", "topic:news": "ok",
    }  # fmt: skip
    (worst, *_) = found["account:mailbox"]["rates"]
    assert (worst["measure"], worst["hits"], worst["share"]) == ("bounces", 60, 0.2)
    assert "no delivery feedback" in run(command.app, []).stdout
    assert pipeline.rows("SELECT action, subject FROM audit WHERE actor <> 'tidings'") == [
        ("held a reputation", "topic:tips"), ("lifted a reputation's pause", "topic:news"),
    ]  # fmt: skip
    told = (await read(pipeline.runtime.database)).decode()
    assert 'tidings_reputation_state{scope="topic:tips",state="held"} 1.0' in told
    assert 'share{measure="bounces",scope="account:mailbox",window="day"} 0.2' in told
    assert 'measure="complaints"' not in told, "nobody would have told us of any"
