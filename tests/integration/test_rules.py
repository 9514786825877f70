"""Publishing rules: who may, what is kept, and that every worker takes them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from scheduler.commands import rules
from scheduler.examining.checkup import examine
from scheduler.known.catalog import Shelf
from tests.pipeline import Pipeline

NIGHTS = '[[quiet_hours]]\nkey = "nights"\nquiet = ["daily 22:00-07:00"]\n'
Command = Callable[..., Any]


@pytest.fixture
def tidings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)
    return lambda *words: CliRunner().invoke(rules.app, [str(word) for word in words])


@pytest.fixture
def book(tmp_path: Path) -> Path:
    file = tmp_path / "rules.toml"
    file.write_text(NIGHTS)
    return file


def select(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_before_anything_is_published_there_are_no_rules(tidings: Command):
    assert tidings("show").output == "No rules are published.\n"


def test_rules_are_published_once_with_an_audit_entry(
    tidings: Command, book: Path, database_url: str
):
    assert "nights: Promotional" in tidings("check", book).output
    assert tidings("show").output == "No rules are published.\n"
    assert "Version 1 is in force" in tidings("publish", book, "--note", "sleep").output
    again = tidings("publish", book, "--note", "sleep")
    assert (again.exit_code, again.output) == (
        0,
        "These rules are in force already.\n",
    )
    audit = select(database_url, "SELECT action, subject, why FROM audit")
    assert audit == [
        ("published rules", "version 1", "sleep"),
        ("went past approvals", "rules installation", "By a command."),
    ]
    assert tidings("show", "--toml").output == NIGHTS
    assert "sleep\nnights: Promotional" in tidings("show").output


def test_an_older_version_can_be_seen_and_published_again(tidings: Command, book: Path):
    tidings("publish", book, "--note", "sleep")
    book.write_text(NIGHTS.replace("22", "21"))
    tidings("publish", book, "--note", "sleep longer")
    assert "daily 21:00-07:00" in tidings("show").output
    assert "daily 22:00-07:00" in tidings("show", "--version", 1).output
    assert tidings("show", "--version", 9).output == "No version 9.\n"
    book.write_text(tidings("show", "--version", 1, "--toml").output)
    assert "Version 3" in tidings("publish", book, "--note", "back").output


def test_json_may_be_published_as_well(tidings: Command, tmp_path: Path):
    file = tmp_path / "rules.json"
    file.write_text('{"zones": {"default": "Europe/Paris"}}')
    assert "Version 1" in tidings("publish", file, "--note", "zones").output
    assert tidings("check", file).output == "It holds no rule.\n"


BAD = [
    ("r.toml", b"[[quiet_hours]]\n", 1, "quiet_hours 1, key: Field required"),
    ("r.toml", b"[[", 1, "this is no TOML"),
    ("r.toml", b"\xff", 2, "no UTF-8 text"),
    ("r.json", b"{", 2, "no JSON"),
    ("r.json", b"[]", 1, "valid dictionary"),
]


@pytest.mark.parametrize("case", BAD, ids=[said for *_, said in BAD])
def test_a_bad_file_changes_nothing(tidings: Command, tmp_path: Path, database_url: str, case: Any):
    name, text, code, said = case
    file = tmp_path / name
    file.write_bytes(text)
    for words in (("check", file), ("publish", file, "--note", "x")):
        result = tidings(*words)
        assert result.exit_code == code
        assert said in result.stderr
    assert select(database_url, "SELECT count(*) FROM rulebooks") == [(0,)]


def test_of_two_who_publish_at_once_one_is_told(tidings: Command, book: Path, database_url: str):
    with psycopg.connect(database_url) as other:
        other.execute("INSERT INTO rulebooks VALUES (1, '{}', 'first', now(), 'bo')")
        with psycopg.connect(database_url) as watch:
            waiting = asyncio.run(_publish_while(tidings, book, other, watch))
    assert "somebody published at the same moment" in str(waiting.exception)
    assert select(database_url, "SELECT note FROM rulebooks") == [("first",)]
    assert select(database_url, "SELECT count(*) FROM audit") == [(0,)]


async def _publish_while(
    tidings: Command, book: Path, other: psycopg.Connection[Any], watch: psycopg.Connection[Any]
) -> Any:
    """Publish while another's version is written and not yet committed."""
    publishing = asyncio.create_task(asyncio.to_thread(tidings, "publish", book, "--note", "x"))
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    while not publishing.done() and watch.execute(blocked).fetchone() == (0,):
        watch.rollback()
        await asyncio.sleep(0.01)
    other.commit()
    return await publishing


async def test_doctor_names_rules_that_cannot_be_read(pipeline: Pipeline):
    insert = "INSERT INTO rulebooks VALUES (%s, %s, '', now(), 'ada')"
    pipeline.run_sql(insert, 1, "{}")
    pipeline.run_sql(insert, 2, '{"rules of tomorrow": 1}')
    told = await asyncio.to_thread(lambda: list(examine(pipeline.url)))
    assert [one.finding for one in told if one.subject == "rules of version 2"] == [
        "rules of tomorrow: there is no such field: see docs/operations.md for those there are"
    ]
    assert not [one for one in told if one.subject == "rules of version 1"]


async def test_workers_take_the_newest_version_that_can_be_read(pipeline: Pipeline):
    shelf, database = Shelf(), pipeline.runtime.database
    insert = "INSERT INTO rulebooks VALUES (%s, %s, '', now(), 'ada')"
    await shelf.reread(database)
    assert shelf.rulebook.version == 0
    pipeline.run_sql(insert, 1, '{"zones": {"default": "Europe/Paris"}}')
    await shelf.reread(database)
    assert (shelf.rulebook.version, shelf.rulebook.zones.default) == (1, "Europe/Paris")
    taken = shelf.rulebook
    pipeline.run_sql(insert, 2, '{"rules of tomorrow": 1}')
    await shelf.reread(database)
    await shelf.reread(database)
    assert shelf.rulebook is taken
    fresh = Shelf()
    await fresh.reread(database)
    assert fresh.rulebook == taken
    pipeline.run_sql(insert, 3, "{}")
    await shelf.reread(database)
    assert shelf.rulebook.version == 3
