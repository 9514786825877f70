"""Audiences saved, counted, explained and written to: commands, and events that name one."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from models.database import UnavailableError
from scheduler.commands import audiences
from scheduler.planning import fanout, gather
from tests.factories import rows
from tests.pipeline import Pipeline

Command = Callable[..., Any]
Workers = Callable[[], Awaitable[Pipeline]]

TEAM = """
key = "team-plan"
title = "On the team plan"

[[all]]
about = "attribute"
name = "plan"
is = "team"
"""
OTHERS = """
key = "others"
title = "The others"

[[all]]
not = { about = "audience", key = "team-plan" }
"""


@pytest.fixture
def tidings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)
    with rows(database_url) as make:
        for number in range(3):
            make.recipient(f"t{number}", attributes={"plan": "team"})
        make.recipient("solo", attributes={"plan": "solo"})
    return lambda *words: CliRunner().invoke(audiences.app, [str(word) for word in words])


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / "others.toml", tmp_path / "team.toml"]
    for path, text in zip(made, (OTHERS, TEAM), strict=True):
        path.write_text(text)
    return made


def test_what_is_applied_is_shown_counted_and_explained(tidings: Command, files: list[Path]):
    assert "Everybody for whom plan is team." in tidings("check", *files).output
    assert tidings("apply", *files).output.splitlines() == [
        "others is made: version 1.", "team-plan is made: version 1.",
    ]  # fmt: skip
    assert tidings("count", "team-plan").output == "3 belong to team-plan.\n"
    assert tidings("count", "others").output == "1 belong to others.\n"
    lines = tidings("list").output.splitlines()
    assert {"others", "team-plan"} <= {line.split()[0] for line in lines[1:]}
    assert tidings("why", "others", "t1").output.splitlines() == [
        "t1 is not in others:", "✗ not: they are in team-plan", "  ✗ not: they are in team-plan",
        "    ✓ they are in team-plan", "      ✓ plan is team", "        ✓ plan is team (team)",
    ]  # fmt: skip
    assert tidings("why", "others", "nobody").exit_code == 2


def test_applied_twice_is_once_and_each_change_a_version(
    tidings: Command, files: list[Path], pipeline: Pipeline
):
    tidings("apply", *files)
    assert "is like that already" in tidings("apply", files[1]).output
    files[1].write_text(TEAM.replace('"team"\n', '"pro"\n'))
    assert tidings("apply", files[1], "--note", "The new plan").output == (
        "team-plan is changed: version 2.\n"
    )
    assert tidings("show", "team-plan").output == files[1].read_text().lstrip()
    assert pipeline.rows(
        "SELECT version, note FROM audience_versions WHERE audience = 'team-plan' ORDER BY 1"
    ) == [(1, ""), (2, "The new plan")]
    assert pipeline.column("SELECT action FROM audit ORDER BY at, subject") == [
        "made an audience", "made an audience", "changed an audience",
    ]  # fmt: skip


def test_an_audience_goes_when_nothing_uses_it_any_more(tidings: Command, files: list[Path]):
    tidings("apply", *files)
    refused = tidings("remove", "team-plan")
    assert (refused.exit_code, "others uses it: change that first" in refused.output) == (2, True)
    assert tidings("remove", "others").output == "others is removed.\n"
    assert tidings("remove", "team-plan").exit_code == 0
    twice = tidings("remove", "team-plan")
    assert (twice.exit_code, "there is no audience team-plan" in twice.output) == (2, True)


def test_what_is_wrong_in_any_file_leaves_all_as_they_were(
    tidings: Command, files: list[Path], pipeline: Pipeline
):
    files[1].write_text(TEAM.replace('"attribute"', '"atribute"'))
    done = tidings("apply", *files)
    assert done.exit_code == 1
    assert f"{files[1]}:6: all 1, about: there is no condition about atribute" in done.output
    files[1].write_text(TEAM + '[[all]]\nabout = "audience"\nkey = "others"\n')
    assert "inside of itself" in str(tidings("apply", *files).exception)
    assert pipeline.value("SELECT count(*) FROM audiences") == 0


@pytest.fixture
def bring(tidings: Command, tmp_path: Path, database_url: str) -> Command:
    with rows(database_url) as make:
        make.address("t0", "t0@example.com")
        make.address("t1", "t1@example.com")
        make.address("solo", "t1@example.com")

    def brought(text: str, *words: str, encoding: str = "utf-8") -> Any:
        path = tmp_path / "guests.csv"
        path.write_bytes(text.encode(encoding, errors="surrogateescape"))
        return tidings("import", "guests", path, *words)

    return brought


def on_list(pipeline: Pipeline) -> list[str]:
    return pipeline.column(
        """SELECT recipient_id FROM audience_members m
             JOIN audiences a ON a.audience = m.audience
             JOIN audience_versions v ON v.audience = a.audience AND v.version = a.version
            WHERE m.list = v.list ORDER BY 1"""
    )


def test_a_list_comes_in_with_what_is_not_taken_told(
    bring: Command, pipeline: Pipeline, tidings: Command, tmp_path: Path
):
    done = bring("recipient_id;n\nt0;\u00e4\nnobody;x\n;y\nt2;z\nt0;z\n", "--title", "Guests",
                 encoding="cp1252")  # fmt: skip
    assert "guests.csv is cp1252, separated by semicolon." in done.stderr
    assert "2 are on guests, version 1." in done.stdout
    assert on_list(pipeline) == ["t0", "t2"]
    assert (tmp_path / "guests.rejects.csv").read_text().splitlines() == [
        "line,value,reason", "4,,the cell is empty",
        "3,nobody,no recipient has this id: import the recipient first",
        "6,t0,the same as line 2: counted once",
    ]  # fmt: skip
    assert tidings("count", "guests").output == "2 belong to guests.\n"
    assert "on the list guests (on it)" in tidings("why", "guests", "t2").output


def test_a_list_of_addresses_holds_all_who_have_them(bring: Command, pipeline: Pipeline):
    done = bring("E-Mail\nt0@EXAMPLE.com\nt1@example.com\nno@example.com\nnone\n")
    assert "3 are on guests" in done.stdout
    assert on_list(pipeline) == ["solo", "t0", "t1"]
    assert "2 lines are not taken" in done.stderr


def test_the_same_list_twice_is_one_version_and_another_takes_its_place(
    bring: Command, pipeline: Pipeline
):
    bring("recipient_id\nt0\nt1\n")
    assert "version 1" in bring("recipient_id\nt1\nt0\n").stdout
    assert "1 are on guests, version 2." in bring("recipient_id\nt2\n").stdout
    assert on_list(pipeline) == ["t2"]
    for who in ("t0", "t1", "solo"):
        bring(f"recipient_id\n{who}\n")
    assert pipeline.value("SELECT count(DISTINCT list) FROM audience_members") == 3


def test_an_import_that_breaks_off_leaves_the_list_in_force(
    bring: Command, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    bring("recipient_id\nt0\n")
    with monkeypatch.context() as patched:
        patched.setattr("models.queries.audiences.catalog._insert", lambda *_: 1 / 0)
        assert isinstance(bring("recipient_id\nt1\nt2\n").exception, ZeroDivisionError)
    assert on_list(pipeline) == ["t0"]
    assert pipeline.value("SELECT count(*) FROM audience_members") == 1


def test_a_file_that_is_no_list_changes_nothing(
    bring: Command, tidings: Command, files: list[Path], pipeline: Pipeline
):
    assert "must name one column" in str(bring("name\nAnna\n").exception)
    assert "must name one column" in str(bring("").exception)
    tidings("apply", *files)
    refused = tidings("import", "others", files[0])
    assert refused.exit_code != 0
    assert pipeline.value("SELECT count(*) FROM audience_members") == 0


async def audience(pipeline: Pipeline, members: int = 3) -> None:
    """An audience of so many, and one person who does not belong."""
    await pipeline.topic()
    with pipeline.make() as make:
        for number in range(members):
            make.recipient(f"t{number}", attributes={"plan": "team"})
        make.recipient("solo")
    document = {"key": "team", "title": "Team",
                "all": [{"about": "attribute", "name": "plan", "is": "team"}]}  # fmt: skip
    save(pipeline, document)


def save(pipeline: Pipeline, document: dict[str, Any]) -> None:
    pipeline.run_sql("INSERT INTO audiences (audience, version) VALUES ('team', 1)")
    pipeline.run_sql(
        """INSERT INTO audience_versions
                  (audience, version, title, document, note, changed_at, changed_by)
           VALUES ('team', 1, 'Team', CAST(%s AS jsonb), '', now(), 'ada')""",
        json.dumps(document),
    )
    pipeline.forget_catalog()


async def test_an_event_for_an_audience_reaches_its_members(pipeline: Pipeline):
    await audience(pipeline)
    row = pipeline.emit(recipients=None, audience="team")
    await pipeline.plan()
    assert pipeline.event(row)[0] == "expanding"
    await fanout.finish(pipeline.runtime)
    assert pipeline.event(row)[0] == "expanding", "nobody is known yet"
    assert await gather.step(pipeline.runtime) == 1
    assert await gather.step(pipeline.runtime) == 0
    await pipeline.expand()
    assert pipeline.event(row)[0] == "planned"
    assert pipeline.column("SELECT recipient_id FROM deliveries ORDER BY 1") == ["t0", "t1", "t2"]
    assert pipeline.row("SELECT recipient_count, detail FROM events") == (
        3, "Audience team, version 1.",
    )  # fmt: skip


async def test_who_joins_later_is_not_told_and_who_leaves_is(pipeline: Pipeline):
    await audience(pipeline)
    pipeline.emit(recipients=None, audience="team")
    await pipeline.plan()
    await gather.step(pipeline.runtime)
    pipeline.run_sql('UPDATE recipients SET attributes = \'{"plan": "team"}\'')
    pipeline.run_sql("UPDATE recipients SET attributes = '{}' WHERE recipient_id = 't0'")
    await pipeline.expand()
    assert pipeline.column("SELECT recipient_id FROM deliveries ORDER BY 1") == ["t0", "t1", "t2"]


async def test_an_audience_of_nobody_is_planned_and_one_that_is_gone_rejected(pipeline: Pipeline):
    await audience(pipeline, members=0)
    nobody = pipeline.emit(recipients=None, audience="team")
    unknown = pipeline.emit(recipients=None, audience="tean")
    both = pipeline.emit(recipients=("anna",), audience="team")
    await pipeline.plan()
    await gather.step(pipeline.runtime)
    assert pipeline.event(nobody)[0] == "planned"
    assert pipeline.event(unknown)[:2] == ("rejected", "unknown_audience")
    assert pipeline.event(both)[:2] == ("rejected", "two_targets")
    gone = pipeline.emit(recipients=None, audience="team")
    await pipeline.plan()
    pipeline.run_sql("DELETE FROM audience_versions")
    pipeline.run_sql("DELETE FROM audiences")
    await gather.step(pipeline.runtime)
    assert pipeline.event(gone)[:2] == ("rejected", "unknown_audience")
    assert pipeline.value("SELECT count(*) FROM deliveries") == 0


async def test_a_worker_lost_while_gathering_leaves_nothing_and_another_does_it(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
):
    one, two = await workers(), await workers()
    await audience(one)
    row = one.emit(recipients=None, audience="team")
    await one.plan()

    def lost(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(gather.events, "finish_chunks", lost)
        with pytest.raises(UnavailableError):
            await gather.step(one.runtime)
    assert one.value("SELECT count(*) FROM expansions") == 1
    await gather.step(two.runtime)
    await two.expand()
    assert two.event(row)[0] == "planned"
    assert two.value("SELECT count(*) FROM deliveries") == 3
