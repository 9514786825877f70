"""Our database is restored to an earlier moment: nothing is lost, and nothing goes twice unsaid."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from models.records import Class
from models.states import Resolution
from scheduler.__main__ import build
from scheduler.keeping import upkeep, warming
from scheduler.planning.intake import Again
from scheduler.restoring.replay import mark
from tests.caps import PROMO, cap
from tests.integration.restoring.backups import KEEP, Backup, mails, marked, recipients
from tests.integration.test_orders import order
from tests.integration.test_sources import Producer, producing
from tests.pipeline import Pipeline


async def test_what_was_due_may_have_gone_and_is_in_doubt(pipeline: Pipeline):
    await mails(pipeline)
    await pipeline.topic("item")
    pipeline.people("anna", "bo", "cy")
    pipeline.emit("mail", recipients=("anna",))
    later = pipeline.clock.now() + timedelta(days=2)
    pipeline.emit("mail", recipients=("bo",), not_before=later, expires_at=later + KEEP)
    pipeline.emit("item", recipients=("cy",))
    await pipeline.plan()
    backup = Backup.take(pipeline)
    pipeline.travel(seconds=1)
    await pipeline.feed()
    await pipeline.send()
    assert recipients(pipeline) == ["anna"]
    backup.restore(pipeline)
    assert await marked(pipeline, backup) == (1, 0, 0)
    assert pipeline.deliveries() == {
        ("anna", "email"): ("in_doubt", "restored"),
        ("bo", "email"): ("scheduled", "not_before"),
        ("cy", "in_app"): ("scheduled", None),
    }
    assert await marked(pipeline, backup) == (0, 0, 0), "told twice it changes nothing"
    await pipeline.feed()
    assert pipeline.deliveries()["cy", "in_app"] == ("sent", None), "the feed was restored too"
    pipeline.travel(days=2, minutes=1)
    await pipeline.send()
    assert recipients(pipeline) == ["anna", "bo"]


async def test_caps_count_what_may_have_gone(pipeline: Pipeline):
    await mails(pipeline, klass=Class.PROMOTIONAL)
    pipeline.people("anna")
    await cap(pipeline, PROMO)
    pipeline.emit("mail")
    await pipeline.plan()
    backup = Backup.take(pipeline)
    pipeline.travel(seconds=1)
    await pipeline.send()
    backup.restore(pipeline)
    assert await marked(pipeline, backup) == (1, 0, 0)
    pipeline.forget_catalog()
    await warming.warm(pipeline.runtime)
    pipeline.travel(seconds=6)
    await warming.warm(pipeline.runtime)
    await pipeline.run(pipeline.emit("mail"))
    held = "SELECT state, coalesce(held_for, reason) FROM v_deliveries ORDER BY 1"
    assert pipeline.rows(held) == [("in_doubt", "restored"), ("scheduled", "frequency_cap")]


async def test_the_attempt_nobody_remembers_is_not_used_again(pipeline: Pipeline):
    await mails(pipeline)
    pipeline.people("anna")
    pipeline.emit("mail", recipients=("anna",))
    await pipeline.plan()
    backup = Backup.take(pipeline)
    await pipeline.send()
    backup.restore(pipeline)
    await marked(pipeline, backup)
    assert pipeline.row("SELECT attempt, outcome, reason FROM attempts") == (
        1, "in_doubt", "restored",
    )  # fmt: skip
    order(pipeline, [pipeline.value("SELECT delivery_id FROM deliveries")], Resolution.AGAIN)
    await pipeline.send()
    assert pipeline.column("SELECT attempt FROM attempts ORDER BY 1") == [1, 2]


async def test_a_critical_one_goes_again_by_its_rule(pipeline: Pipeline):
    await mails(pipeline, klass=Class.CRITICAL)
    pipeline.people("anna")
    pipeline.emit("mail", recipients=("anna",))
    await pipeline.plan()
    backup = Backup.take(pipeline)
    pipeline.travel(seconds=1)
    backup.restore(pipeline)
    assert await marked(pipeline, backup) == (1, 0, 0)
    assert pipeline.row("SELECT held_for, attempt, doubts FROM queue") == ("doubt", 1, 1)
    assert await marked(pipeline, backup) == (0, 0, 0)
    pipeline.travel(minutes=1)
    assert await marked(pipeline, backup) == (0, 0, 0), "not even when it is due again"
    await pipeline.send()
    assert recipients(pipeline) == ["anna"]


async def test_what_waited_in_our_own_outbox_was_planned_since(pipeline: Pipeline):
    await mails(pipeline)
    pipeline.people("anna", "bo")
    row = pipeline.emit("mail", recipients=("anna",))
    backup = Backup.take(pipeline)
    pipeline.travel(seconds=1)
    await pipeline.plan()
    await pipeline.send()
    before = pipeline.column("SELECT delivery_id FROM deliveries")
    backup.restore(pipeline)
    pipeline.emit("mail", recipients=("bo",), created_at=backup.at + timedelta(seconds=2))
    assert await marked(pipeline, backup) == (0, 1, 0)
    assert pipeline.event(row)[0] == "planned"
    assert pipeline.column("SELECT delivery_id FROM deliveries") == before, "the ids it had"
    await pipeline.plan()
    await pipeline.send()
    assert recipients(pipeline) == ["anna", "bo"], "what came after the restore just goes"


async def test_chunks_that_were_open_are_doubted_too(pipeline: Pipeline):
    await mails(pipeline)
    crowd = tuple(f"r{number}" for number in range(1001))
    pipeline.emit("mail", recipients=crowd)
    await pipeline.plan()
    backup = Backup.take(pipeline)
    backup.restore(pipeline)
    rows, events, chunks = await marked(pipeline, backup)
    assert (rows, events) == (0, 0)
    assert chunks > 0
    assert pipeline.rows("SELECT state, reason, count(*) FROM v_deliveries GROUP BY 1, 2") == [
        ("in_doubt", "restored", 1001)
    ]


async def test_it_is_refused_while_workers_are_at_work(pipeline: Pipeline):
    await mails(pipeline)
    at = pipeline.clock.now()
    await upkeep.heartbeat(pipeline.runtime)
    with pytest.raises(ValueError, match="stop all workers"):
        await mark(pipeline.runtime, Again(at, pipeline.clock.now()))


# Rows that producers keep


# The commands


@pytest.fixture
def tidings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)

    def run(*words: str) -> Any:
        return CliRunner().invoke(build(words[0]), list(words))

    return run


def test_the_commands_mark_and_replay(
    pipeline: Pipeline, keeper: Producer, tidings: Callable[..., Any]
):
    at = f"{pipeline.clock.now():%Y-%m-%dT%H:%M:%S.%fZ}"
    assert tidings("sources", "add", "shop", keeper.url).exit_code == 0
    assert "for 7 days" in tidings("sources", "keep", "shop", "7").output
    marked = tidings("migrate", "--after-restore", at)
    assert "0 deliveries may have gone since" in marked.output, marked.exception
    assert "0 rows of shop were offered again" in tidings("replay", "shop", "--since", "1h").output
    assert pipeline.column("SELECT action FROM audit ORDER BY at") == [
        "added a source", "set how long a source keeps rows", "marked after a restore",
        "replayed a source",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("migrate", "--after-restore", "2126-01-01T00:00:00Z"), "lies ahead"),
        (("migrate", "--after-restore", "noon"), "is no moment"),
        (("replay", "shop", "--since", "1h"), "there is no source shop"),
        (("sources", "keep", "local", "7"), "our own outbox"),
        (("sources", "keep", "shop", "7"), "there is no source"),
        (("sources", "keep", "local", "99"), "from 0 to 34"),
    ],
)
def test_wrong_use_is_told(tidings: Callable[..., Any], words: tuple[str, ...], complaint: str):
    told = tidings(*words)
    assert told.exit_code in {1, 2}
    assert complaint in f"{told.exception} {' '.join(told.output.replace('│', ' ').split())}"


def test_a_database_without_the_table_cannot_keep(
    empty_database_url: str, tidings: Callable[..., Any]
):
    with producing(empty_database_url) as bare:
        assert tidings("sources", "add", "shop", bare.url).exit_code == 0
        told = tidings("sources", "keep", "shop", "7")
    assert "outbox-ddl --keep" in str(told.exception)
