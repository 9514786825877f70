"""Our database is restored to an earlier moment: nothing is lost, and nothing goes twice unsaid."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from models.database import UnavailableError
from models.queries.planning import kept
from models.records import Class, Source
from models.states import Resolution
from scheduler.__main__ import build
from scheduler.keeping import upkeep, warming
from scheduler.planning import plan
from scheduler.planning.intake import Again
from scheduler.restoring.replay import mark, replay
from tests.caps import PROMO, cap
from tests.integration.test_orders import order
from tests.integration.test_sources import Producer, add, producing
from tests.pipeline import Pipeline

KEEP = timedelta(days=7)


@pytest.fixture
def keeper(empty_database_url: str) -> Iterator[Producer]:
    """A product's own database that keeps planned rows, drained by a role that may do no more."""
    with producing(empty_database_url, keep=True) as made:
        yield made


async def keeping(pipeline: Pipeline, producer: Producer) -> Source:
    source = await add(pipeline, "shop", producer.url)
    await pipeline.runtime.database.run(kept.set_keep_for("shop", KEEP))
    pipeline.forget_catalog()
    await pipeline.runtime.shelf.refresh(pipeline.runtime.database)
    return replace(source, keep_for=KEEP)


@dataclass
class Backup:
    """All rows of a database as they were at a moment."""

    connection: psycopg.Connection[Any]
    at: datetime
    tables: list[str]

    @classmethod
    def take(cls, pipeline: Pipeline) -> "Backup":
        tables = pipeline.column(
            """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND c.relname <> 'alembic_version'"""
        )
        pipeline.run_sql("DROP SCHEMA IF EXISTS backup CASCADE")
        pipeline.run_sql("CREATE SCHEMA backup")
        for table in tables:
            pipeline.run_sql(f"CREATE TABLE backup.{table} AS SELECT * FROM public.{table}")
        return cls(pipeline.connection, pipeline.clock.now(), tables)

    def restore(self, pipeline: Pipeline) -> None:
        self.connection.execute("SET session_replication_role = replica")
        self.connection.execute(f"TRUNCATE {', '.join(self.tables)} CASCADE")
        for table in self.tables:
            columns = self._written(table)
            self.connection.execute(
                f"INSERT INTO public.{table} ({columns}) SELECT {columns} FROM backup.{table}"
            )
        self.connection.execute("RESET session_replication_role")
        pipeline.forget_catalog()

    def _written(self, table: str) -> str:
        """The columns that are not made of others."""
        (names,) = self.connection.execute(
            """SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
                WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
                  AND attgenerated = ''""",
            [table],
        ).fetchone()
        return str(names)


async def marked(pipeline: Pipeline, backup: Backup) -> tuple[int, int, int]:
    found = await mark(pipeline.runtime, Again(backup.at, pipeline.clock.now()))
    return found.rows, found.events, found.chunks


def recipients(pipeline: Pipeline) -> list[str]:
    return sorted(mail.recipient.partition("@")[0] for mail in pipeline.mail.kept)


async def mails(pipeline: Pipeline, **values: Any) -> None:
    await pipeline.topic("mail", channels=("email",), words="x", **values)


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


async def test_planned_rows_are_kept_for_a_while(pipeline: Pipeline, keeper: Producer):
    await mails(pipeline)
    source = await keeping(pipeline, keeper)
    row = keeper.emit(topic="mail", data={"board": "R", "nested": [1, None]})
    await plan.drain(pipeline.runtime, source)
    assert keeper.waiting() == 0
    (found,) = keeper.connection.execute("SELECT id, data, done_at FROM outbox_done").fetchall()
    assert found[:2] == (row, {"board": "R", "nested": [1, None]})
    await upkeep.purge(pipeline.runtime)
    assert keeper.connection.execute("SELECT count(*) FROM outbox_done").fetchone() == (1,)
    pipeline.travel(days=7, seconds=10)
    await upkeep.purge(pipeline.runtime)
    assert keeper.connection.execute("SELECT count(*) FROM outbox_done").fetchone() == (0,)


async def test_a_row_that_a_standby_brings_back_is_kept_once(pipeline: Pipeline, keeper: Producer):
    await mails(pipeline)
    source = await keeping(pipeline, keeper)
    row = keeper.emit(topic="mail")
    await plan.drain(pipeline.runtime, source)
    keeper.emit(topic="mail", id=row)
    await plan.drain(pipeline.runtime, source)
    assert keeper.waiting() == 0
    assert keeper.connection.execute("SELECT count(*) FROM outbox_done").fetchone() == (1,)
    assert pipeline.value("SELECT count(*) FROM events") == 1


async def test_a_source_that_cannot_keep_loses_no_row(pipeline: Pipeline, keeper: Producer):
    await mails(pipeline)
    source = await keeping(pipeline, keeper)
    keeper.emit(topic="mail")
    keeper.connection.execute("ALTER TABLE outbox_done RENAME TO elsewhere")
    with pytest.raises(UnavailableError):
        await plan.drain(pipeline.runtime, source)
    keeper.connection.execute("ALTER TABLE elsewhere RENAME TO outbox_done")
    assert keeper.waiting() == 1
    await plan.drain(pipeline.runtime, source)
    assert pipeline.value("SELECT count(*) FROM events") == 1


async def test_a_replay_without_a_restore_changes_nothing(pipeline: Pipeline, keeper: Producer):
    await mails(pipeline)
    pipeline.people("anna")
    source = await keeping(pipeline, keeper)
    since = pipeline.clock.now()
    for _ in range(3):
        keeper.emit(topic="mail")
    await plan.drain(pipeline.runtime, source)
    await pipeline.send()
    await pipeline.send()
    before = pipeline.rows("SELECT * FROM v_deliveries ORDER BY 1")
    for _ in range(2):
        assert await replay(pipeline.runtime, source, since, pipeline.clock.now()) == 3
    assert pipeline.rows("SELECT * FROM v_deliveries ORDER BY 1") == before


async def forgotten(pipeline: Pipeline, keeper: Producer) -> tuple[Source, Backup]:
    """Anna's mail is remembered; Bo's, Cy's (sent) and Di's (for tomorrow) were planned since."""
    await mails(pipeline)
    lifetime = timedelta(days=3)
    await pipeline.topic(
        "critical", channels=("email",), words="x", klass=Class.CRITICAL, lifetime=lifetime
    )
    pipeline.people("anna", "bo", "cy", "di")
    source = await keeping(pipeline, keeper)
    keeper.emit(topic="mail", recipients=("anna",))
    await plan.drain(pipeline.runtime, source)
    await pipeline.send()
    backup = Backup.take(pipeline)
    pipeline.travel(seconds=1)
    keeper.emit(topic="mail", recipients=("bo",))
    keeper.emit(topic="critical", recipients=("cy",))
    future = pipeline.clock.now() + timedelta(days=1)
    keeper.emit(topic="mail", recipients=("di",), not_before=future)
    while await plan.drain(pipeline.runtime, source):
        await pipeline.send()
    return source, backup


async def test_a_replay_brings_back_what_the_restore_forgot(pipeline: Pipeline, keeper: Producer):
    source, backup = await forgotten(pipeline, keeper)
    assert recipients(pipeline) == ["anna", "bo", "cy"]
    ids = pipeline.rows("SELECT recipient_id, delivery_id FROM deliveries ORDER BY 1")
    pipeline.travel(hours=1)
    backup.restore(pipeline)
    await marked(pipeline, backup)
    for _ in range(2):  # also when it stops in between and is done again
        offered = await replay(pipeline.runtime, source, backup.at, pipeline.clock.now())
        assert offered == 4, "a minute more is offered, for clocks that differ"
    assert pipeline.rows("SELECT recipient_id, delivery_id FROM deliveries ORDER BY 1") == ids
    assert pipeline.deliveries() == {
        ("anna", "email"): ("sent", None),
        ("bo", "email"): ("in_doubt", "restored"),
        ("cy", "email"): ("scheduled", "doubt"),
        ("di", "email"): ("scheduled", "not_before"),
    }
    pipeline.travel(days=1, minutes=1)
    await pipeline.send()
    assert recipients(pipeline) == ["anna", "bo", "cy", "cy", "di"]


async def test_a_crowd_is_replayed_whole(pipeline: Pipeline, keeper: Producer):
    await mails(pipeline)
    source = await keeping(pipeline, keeper)
    since = pipeline.clock.now()
    backup = Backup.take(pipeline)
    keeper.emit(topic="mail", recipients=tuple(f"r{number}" for number in range(1500)))
    await plan.drain(pipeline.runtime, source)
    backup.restore(pipeline)
    assert await replay(pipeline.runtime, source, since, pipeline.clock.now()) == 1
    assert pipeline.rows("SELECT state, reason, count(*) FROM v_deliveries GROUP BY 1, 2") == [
        ("in_doubt", "restored", 1500)
    ]
    assert pipeline.column("SELECT state FROM events") == ["planned"]


async def test_what_was_not_due_when_the_history_ended_just_goes(
    pipeline: Pipeline, keeper: Producer
):
    await mails(pipeline)
    pipeline.people("anna")
    source = await keeping(pipeline, keeper)
    backup = Backup.take(pipeline)
    soon = pipeline.clock.now() + timedelta(minutes=10)
    keeper.emit(topic="mail", not_before=soon)
    await plan.drain(pipeline.runtime, source)
    crashed = pipeline.clock.now()
    pipeline.travel(hours=1)
    backup.restore(pipeline)
    await replay(pipeline.runtime, source, backup.at, crashed)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


async def test_a_replay_older_than_the_keys_is_refused(pipeline: Pipeline, keeper: Producer):
    source = await keeping(pipeline, keeper)
    old = pipeline.clock.now() - timedelta(days=36)
    with pytest.raises(ValueError, match="recognised for 35 days"):
        await replay(pipeline.runtime, source, old, pipeline.clock.now())


async def test_a_source_that_keeps_nothing_says_so(pipeline: Pipeline, keeper: Producer):
    source = await add(pipeline, "shop", keeper.url)
    with pytest.raises(ValueError, match="tidings sources keep"):
        await replay(pipeline.runtime, source, pipeline.clock.now(), pipeline.clock.now())


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
