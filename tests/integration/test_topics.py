"""Topics as documents at the command line: shown, checked, applied once, with an audit entry."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from models.database import SyncDatabase
from scheduler import samples
from scheduler.commands import topics

Command = Callable[..., Any]


@pytest.fixture
def tidings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)
    database = SyncDatabase.connect(database_url, "samples", 1)
    samples.plant_catalog(database, database.now())
    database.close()
    return lambda *words: CliRunner().invoke(topics.app, [str(word) for word in words])


@pytest.fixture
def file(tidings: Command, tmp_path: Path) -> Path:
    path = tmp_path / "board.toml"
    path.write_text(tidings("show", "board.shared").output)
    return path


def select(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def edited(file: Path, *changes: tuple[str, str]) -> str:
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    return text


def test_lists_topics_with_the_way_each_goes(tidings: Command):
    lines = tidings("list").output.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [
        "board.shared", "board.unshared", "edit.saved", "page.edited",
    ]  # fmt: skip
    assert "in the feed and by e-mail" in lines[1]


def test_what_is_shown_changes_nothing_when_it_is_applied(
    tidings: Command, tmp_path: Path, database_url: str
):
    files = []
    for key in ("board.shared", "edit.saved", "page.edited"):
        files.append(tmp_path / f"{key}.toml")
        files[-1].write_text(tidings("show", key).output)
    before = select(database_url, "SELECT t, s FROM topics t JOIN topic_steps s USING (topic)")
    result = tidings("apply", *files)
    assert result.output.count("is like that already") == 3
    assert before == select(
        database_url, "SELECT t, s FROM topics t JOIN topic_steps s USING (topic)"
    )
    assert select(database_url, "SELECT count(*) FROM audit") == [(0,)]


def test_a_change_is_made_once_and_audited_with_before_and_after(
    tidings: Command, file: Path, database_url: str
):
    wait = 'template = "board-shared"\nafter = "15 min"\nunless = "read"\n'
    edited(file, ('template = "board-shared"\n', wait))
    said = "board.shared is changed: goes in the feed, then by e-mail after 15 minutes unless read."
    assert tidings("apply", file).output == f"{said}\n"
    assert tidings("apply", file).output == "board.shared is like that already.\n"
    ((action, subject, before, after),) = select(
        database_url, "SELECT action, subject, before, after FROM audit"
    )
    assert (action, subject) == ("changed a topic", "board.shared")
    assert "after" not in before["steps"][1]
    assert after["steps"][1]["after"] == "15 minutes"


def test_a_new_topic_is_made(tidings: Command, file: Path, database_url: str):
    edited(file, ('"board.shared"', '"board.archived"'))
    assert "board.archived is made" in tidings("apply", file).output
    assert 'key = "board.archived"' in tidings("show", "board.archived").output
    assert select(database_url, "SELECT action FROM audit") == [("made a topic",)]


def test_a_live_template_that_becomes_advertising_went_past_approvals(
    tidings: Command, file: Path, database_url: str
):
    edited(file, ('class = "transactional"', 'class = "promotional"'))
    assert "board.shared is changed" in tidings("apply", file).output
    past = "SELECT subject FROM audit WHERE action = 'went past approvals' ORDER BY 1"
    told = [("template board-shared for board.shared",),
            ("template board-shared-feed for board.shared",)]  # fmt: skip
    assert select(database_url, past) == told
    edited(file, ('title = "', 'title = "News: '))
    assert "board.shared is changed" in tidings("apply", file).output
    assert select(database_url, past) == told


def test_what_is_wrong_in_any_file_leaves_all_as_they_were(
    tidings: Command, file: Path, tmp_path: Path, database_url: str
):
    good, bad, latin = tmp_path / "good.toml", tmp_path / "bad.toml", tmp_path / "latin.toml"
    good.write_text(edited(file, ('"board.shared"', '"board.archived"')))
    bad.write_text(good.read_text().replace('template = "board-shared"', 'template = "nothing"'))
    latin.write_bytes(b"\xfc")
    for words in ("check", "apply"):
        result = tidings(words, good, bad, latin)
        assert result.exit_code == 1
        assert "template: there is no template nothing" in result.stderr
        assert f"{bad}:" in result.stderr
        assert "no UTF-8 text" in result.stderr
    assert select(database_url, "SELECT count(*) FROM topics") == [(4,)]


def test_two_files_about_one_topic_are_refused(tidings: Command, file: Path, tmp_path: Path):
    other = tmp_path / "other.toml"
    other.write_text(file.read_text())
    result = tidings("apply", file, other)
    assert (result.exit_code, "about board.shared too" in result.stderr) == (1, True)


def test_checking_tells_the_rules_and_changes_nothing(tidings: Command, file: Path):
    edited(file, ('title = "A board', 'title = "Some board'))
    assert "board.shared: Goes in the feed and by e-mail." in tidings("check", file).output
    assert "A board" in tidings("show", "board.shared").output


def test_a_topic_nobody_knows_is_not_shown(tidings: Command):
    result = tidings("show", "nothing")
    assert (result.exit_code, "there is no topic nothing" in result.stderr) == (2, True)
