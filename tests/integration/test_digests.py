"""News that is collected goes out together: each event in one message or with one reason."""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.json import Jsonb

from dashboard import data, settings
from dashboard.reading.content import AsSent, Hidden, as_sent
from dashboard.reading.filling import Filler
from delivery.api.gauges import reading
from delivery.digests.windows import FULL
from models.database import SyncDatabase
from models.queries.console import digested
from models.records import Class
from scheduler.planning import profiles
from scheduler.samples import plant_catalog
from scheduler.sending import digests
from tests.integration.digesting import DEBOUNCE, again, close, collecting, states, subject
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]


async def test_the_sample_says_mark_shared_ex01_and_32_other_boards(pipeline: Pipeline):
    with closing(SyncDatabase.connect(pipeline.url, "samples", 1)) as database:
        plant_catalog(database, pipeline.clock.now())
    pipeline.forget_catalog()
    pipeline.people("anna")
    for number in range(1, 34):
        pipeline.emit(actor="mark", data={"board": f"EX{number:02}", "actor": "Mark"})
        pipeline.travel(minutes=9)
        await pipeline.run()
        assert await digests.close(pipeline.runtime) == 0
    pipeline.travel(minutes=10)
    assert await close(pipeline) == 1
    (mail,) = pipeline.mail.kept
    assert subject(mail) == "Mark shared 'EX01' and 32 other boards with you"
    assert "EX12" in mail.content.decode()
    assert "and 21 more" in mail.content.decode()
    assert pipeline.value("SELECT count(*) FROM inbox WHERE title LIKE 'Mark shared EX%'") == 33


async def test_one_alone_reads_as_a_single_message(pipeline: Pipeline):
    with closing(SyncDatabase.connect(pipeline.url, "samples", 1)) as database:
        plant_catalog(database, pipeline.clock.now())
    pipeline.forget_catalog()
    pipeline.people("anna")
    pipeline.emit(actor="mark", data={"board": "Roadmap"})
    await pipeline.run()
    pipeline.travel(minutes=10)
    await close(pipeline)
    (mail,) = pipeline.mail.kept
    assert subject(mail) == "mark shared 'Roadmap' with you"
    assert "shared a board with you" in mail.content.decode()


async def test_thirty_three_shares_by_one_person_are_one_mail(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    for number in range(1, 34):
        pipeline.emit(actor="Mark", data={"board": f"EX{number:02}"})
        await pipeline.run()
        assert await digests.close(pipeline.runtime) == 0
        pipeline.travel(minutes=1)
    assert states(pipeline) == [("collected", 33)]
    pipeline.travel(minutes=10)
    assert await close(pipeline) == 1
    assert states(pipeline) == [("digested", 33), ("sent", 1)]
    (mail,) = pipeline.mail.kept
    assert "Mark shared 'EX01' and 32 other boards with you" in mail.content.decode()


async def test_tenants_tests_and_actors_are_collected_apart(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    for more in ({}, {"actor": "Mark"}, {"actor": "Lea"}, {"tenant": "acme"}):
        for board in ("a", "b"):
            pipeline.emit(data={"board": board}, **more)
    await pipeline.run()
    assert pipeline.rows("SELECT members FROM digests") == [(2,)] * 4


async def test_groups_by_what_is_deep_in_the_data_however_big_it_is(pipeline: Pipeline):
    rule = {"kind": "fixed", "steps": ["email"], "by": ["data.team.id"], "wait": "1h"}
    await collecting(pipeline, rule, words="{{ items[0].data.board | length }} {{ count }}")
    for team, board in ((1, "a"), (2, "b" * 5000), (2, "c"), (1, "d" * 5000)):
        pipeline.emit(data={"team": {"id": team}, "board": board})
    pipeline.emit(data={"board": "no team"})
    await pipeline.run()
    assert sorted(pipeline.rows("SELECT members FROM digests")) == [(1,), (2,), (2,)]
    pipeline.travel(hours=1)
    assert await close(pipeline) == 3
    assert sorted(map(subject, pipeline.mail.kept)) == [
        "Subject: 1 2", "Subject: 5000 2", "Subject: 7 1",
    ]  # fmt: skip


async def test_a_debounce_closes_at_its_maximum_and_the_next_one_opens(pipeline: Pipeline):
    await collecting(pipeline, {**DEBOUNCE, "at_most": "25m"})
    for number in range(6):
        await close(pipeline)
        pipeline.emit(actor="Mark", data={"board": f"b{number}"})
        await pipeline.run()
        pipeline.travel(minutes=9)
    assert pipeline.rows("SELECT members, closed_at IS NULL FROM digests ORDER BY opened_at") == [
        (3, False),
        (3, True),
    ]


async def test_the_first_goes_at_once_and_the_rest_together(pipeline: Pipeline):
    await collecting(pipeline, {"kind": "first_then", "steps": ["email"], "wait": "1h"})
    for number in range(4):
        pipeline.emit(actor="Mark", data={"board": f"b{number}"})
    await pipeline.run()
    assert states(pipeline) == [("collected", 3), ("sent", 1)]
    pipeline.travel(hours=1)
    await close(pipeline)
    assert [len(pipeline.mail.kept), *states(pipeline)] == [
        2, ("digested", 3), ("sent", 1), ("sent", 1),
    ]  # fmt: skip
    pipeline.emit(actor="Mark", data={"board": "after"})
    await pipeline.run()
    assert len(pipeline.mail.kept) == 3


async def test_a_first_one_that_nothing_follows_closes_without_a_word(pipeline: Pipeline):
    await collecting(pipeline, {"kind": "first_then", "steps": ["email"], "wait": "1h"})
    pipeline.emit()
    await pipeline.run()
    pipeline.travel(hours=1)
    assert await close(pipeline) == 1
    assert states(pipeline) == [("sent", 1)]
    assert pipeline.rows("SELECT members, message_id FROM digests") == [(0, None)]


async def test_a_recurring_one_closes_at_the_recipients_own_time(pipeline: Pipeline):
    daily = {"kind": "recurring", "steps": ["email"], "every": "day", "at": "09:00"}
    await collecting(pipeline, daily)
    pipeline.people("bo")
    weekly = '{"every": "week", "on": "monday", "at": "18:30"}'
    pipeline.run_sql("UPDATE recipients SET digest = %s WHERE recipient_id = 'bo'", weekly)
    pipeline.emit(recipients=("anna", "bo"))
    await pipeline.run()
    local = ZoneInfo("Europe/Stockholm")
    found: dict[str, datetime] = dict(pipeline.rows("SELECT recipient_id, closes_at FROM digests"))
    anna, bo = (found[who].astimezone(local) for who in ("anna", "bo"))
    assert (anna.hour, anna.minute) == (9, 0)
    assert (bo.weekday(), bo.hour, bo.minute) == (0, 18, 30)
    assert sum([await a_day_later(pipeline) for _ in range(8)]) == 2
    sent = "SELECT recipient_id FROM v_deliveries WHERE digest AND state = 'sent' ORDER BY 1"
    assert pipeline.column(sent) == ["anna", "bo"]


async def a_day_later(pipeline: Pipeline) -> int:
    pipeline.travel(days=1)
    return await close(pipeline)


async def test_collects_in_the_feed_too(pipeline: Pipeline):
    rule = {"kind": "fixed", "steps": ["in_app"], "wait": "1h"}
    await collecting(pipeline, rule, channels=("in_app", "email"))
    for board in ("a", "b"):
        pipeline.emit(actor="Mark", data={"board": board})
    await pipeline.run()
    assert (len(pipeline.mail.kept), pipeline.value("SELECT count(*) FROM inbox")) == (2, 0)
    pipeline.travel(hours=1)
    await close(pipeline)
    assert "and 1 other boards" in pipeline.value("SELECT title FROM inbox")


@pytest.mark.parametrize(
    "more", [{"klass": Class.CRITICAL}, {"sensitive": True}], ids=["critical", "sensitive"]
)
async def test_some_news_is_never_collected(pipeline: Pipeline, more: dict[str, Any]):
    await collecting(pipeline, DEBOUNCE, **more)
    pipeline.emit()
    await pipeline.run()
    assert states(pipeline) == [("sent", 1)]


async def test_what_would_expire_before_goes_alone(pipeline: Pipeline):
    await collecting(pipeline, {"kind": "fixed", "steps": ["email"], "wait": "1h"})
    pipeline.emit(expires_at=pipeline.clock.now() + timedelta(minutes=30), data={"board": "a"})
    pipeline.emit(expires_at=pipeline.clock.now() + timedelta(hours=2), data={"board": "b"})
    await pipeline.run()
    assert states(pipeline) == [("collected", 1), ("sent", 1)]


async def test_who_opts_out_meanwhile_gets_nothing_and_each_has_its_reason(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    for board in ("a", "b"):
        pipeline.emit(actor="Mark", data={"board": board})
    await pipeline.run()
    with pipeline.make() as make:
        make.preference("anna", "news", allowed=False)
    pipeline.travel(minutes=10)
    assert await close(pipeline) == 1
    assert pipeline.rows("SELECT state, reason FROM v_deliveries") == [("skipped", "opted_out")] * 2
    assert pipeline.rows("SELECT count(*) FROM digest_members") == [(0,)]
    assert pipeline.mail.kept == []


async def test_what_a_switch_stops_is_queued_again_and_collected_anew(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    pipeline.emit(actor="Mark", tags=("x",))
    await pipeline.run()
    pipeline.run_sql("INSERT INTO switches VALUES ('channel:email', 'why', 'ada', now())")
    pipeline.forget_catalog()
    pipeline.travel(minutes=10)
    assert await close(pipeline) == 1
    assert pipeline.deliveries() == {("anna", "email"): ("scheduled", "kill_switch")}
    assert pipeline.row("SELECT tags, data FROM queue") == (["x"], {"board": "Roadmap"})
    pipeline.run_sql("DELETE FROM switches")
    pipeline.forget_catalog()
    await pipeline.wake()
    await pipeline.run()
    assert states(pipeline) == [("collected", 1)]
    pipeline.travel(minutes=10)
    await close(pipeline)
    assert states(pipeline) == [("digested", 1), ("sent", 1)]


async def test_what_is_late_opens_the_next(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    for board in ("a", "b"):
        pipeline.emit(actor="Mark", data={"board": board})
        await pipeline.run()
        pipeline.travel(minutes=10)
        await close(pipeline)
    assert states(pipeline) == [("digested", 2), ("sent", 2)]
    assert pipeline.value("SELECT count(*) FROM digests") == 2


async def test_identical_news_is_said_once_in_a_digest_too(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE, same_content=None)
    for _ in range(3):
        pipeline.emit(actor="Mark")
    await pipeline.run()
    assert states(pipeline) == [("collected", 1), ("skipped", 2)]


async def test_a_digest_that_is_full_closes_at_once(pipeline: Pipeline):
    await collecting(pipeline, {"kind": "fixed", "steps": ["email"], "wait": "1d"})
    pipeline.emit(data={"board": "last but one"})
    await pipeline.run()
    pipeline.run_sql("UPDATE digests SET members = %s", FULL - 1)
    pipeline.emit(data={"board": "last"})
    await pipeline.run()
    assert await close(pipeline) == 1


async def test_people_choose_when_recurring_digests_come(pipeline: Pipeline):
    choice = {"every": "week", "on": "friday", "at": "07:15"}
    accepts = {key: channel.accepts for key, channel in pipeline.runtime.channels.items()}
    write = "INSERT INTO recipient_changes (recipient_id, profile) VALUES ('anna', %s)"
    for chosen in (choice, {**choice, "on": "someday"}):
        pipeline.run_sql(write, Jsonb({"name": "Anna", "digest": chosen}))
    await profiles.drain(pipeline.runtime.database, accepts, pipeline.runtime.pseudonyms, 10)
    assert pipeline.value("SELECT digest FROM recipients") == choice
    assert "write the weekday" in pipeline.value("SELECT problem FROM recipient_changes")


async def test_the_metrics_tell_what_is_open_and_overdue(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    pipeline.emit()
    await pipeline.run()
    pipeline.travel(minutes=11)
    told = (await reading.read(pipeline.runtime.database)).decode()
    assert "\ntidings_digests_open 1.0\n" in told
    (late,) = re.findall(r"\ntidings_digests_overdue_seconds (\S+)", told)
    assert 55 < float(late) < 120


async def test_a_message_that_failed_is_sent_again_by_a_person(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    for board in ("a", "b"):
        pipeline.emit(actor="Mark", data={"board": board})
    await pipeline.run()
    pipeline.travel(minutes=10)
    pipeline.run_sql("UPDATE templates SET live_version = 7")
    pipeline.forget_catalog()
    await close(pipeline)
    assert states(pipeline) == [("digested", 2), ("failed", 1)]
    failed = pipeline.value("SELECT delivery_id FROM deliveries WHERE digest")
    pipeline.run_sql("UPDATE templates SET live_version = 1")
    pipeline.forget_catalog()
    again(pipeline, [failed])
    await pipeline.run()
    assert states(pipeline) == [("digested", 2), ("sent", 1)]
    (mail,) = pipeline.mail.kept
    assert subject(mail).endswith("Mark shared 'a' and 1 other boards with you")


@pytest.mark.parametrize("each", [100, 5000], ids=["many small", "few large"])
async def test_what_was_too_large_to_keep_is_filled_again_from_what_was_collected(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, each: int
):
    words = "{% for i in items %}{{ i.data.board }} {% endfor %}"
    await collecting(pipeline, DEBOUNCE, words=words)
    for number in range(2 if each > 4096 else 60):
        pipeline.emit(actor="Mark", data={"board": f"{number} " + "x" * each})
    await pipeline.run()
    pipeline.travel(minutes=10)
    await close(pipeline)
    message = pipeline.value("SELECT delivery_id FROM deliveries WHERE digest")
    monkeypatch.setenv("TIDINGS_DATABASE_URL", pipeline.url)
    with closing(Filler()) as filler, fresh(data.database):
        report = data.report(message)
        assert report
        sent = as_sent(report, filler)
        assert isinstance(sent, AsSent)
        assert sent.agrees is True
        assert (sent.content.text or "").count("x" * each) == report.news["count"]  # type: ignore[index]
        pipeline.run_sql("DELETE FROM digest_members")
        gone = as_sent(data.report(message) or report, filler)
        assert isinstance(gone, Hidden)


@contextmanager
def fresh(remembered: Any) -> Iterator[None]:
    """As if nothing was remembered yet, and nothing afterwards."""
    remembered.cache_clear()
    settings.database_url.cache_clear()
    yield
    remembered().close()
    remembered.cache_clear()
    settings.database_url.cache_clear()


async def test_people_see_what_a_message_carries_and_what_carries_a_delivery(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    for board in ("a", "b"):
        pipeline.emit(actor="Mark", data={"board": board})
    await pipeline.run()
    member = pipeline.column("SELECT delivery_id FROM digest_members")[0]
    database = pipeline.runtime.database
    (waiting,) = await database.run(digested.carrier_of(member))
    assert (waiting.closed_at, waiting.message_id) == (None, None)
    pipeline.travel(minutes=10)
    await close(pipeline)
    (sent,) = await database.run(digested.carrier_of(member))
    assert (sent.state, sent.reason) == ("sent", None)
    assert await database.run(digested.carrier_of(sent.message_id)) == []
    digest = pipeline.value("SELECT digest_id FROM digests")
    carried = await database.run(digested.carried_by(digest, 9))
    assert [each.actor for each in carried] == ["Mark", "Mark"]
    assert member in {each.delivery_id for each in carried}
