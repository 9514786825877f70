"""`tidings preferences`, `suppressions`, `categories` and the import, as somebody types them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scheduler.__main__ import build
from tests.factories import rows
from tests.pipeline import SECRET


@pytest.fixture(autouse=True)
def _configured(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)
    monkeypatch.setenv("TIDINGS_SECRET_KEY", SECRET)
    monkeypatch.setenv("COLUMNS", "200")
    with rows(database_url) as make:
        make.recipient("anna", org="acme")
        make.address("anna", "anna@example.com")
        make.connection.exec_driver_sql(
            """INSERT INTO topics (topic, title, category, class, dedup_window, mandatory,
                                   sensitive, updated_at)
               VALUES ('offer', 'An offer', 'offers', 'promotional', '7 d', false, false, now())"""
        )


def tidings(*arguments: object) -> Result:
    words = [str(each) for each in arguments]
    return CliRunner().invoke(build(words[0]), words)


def selected(url: str, query: str) -> list[tuple[object, ...]]:
    with rows(url) as make:
        return [tuple(row) for row in make.connection.exec_driver_sql(query)]


def test_a_category_is_described_and_its_default_counts(database_url: str):
    assert "offers" in tidings("categories", "list").output
    said = ("categories", "set", "offers", "--title", "Offers", "--default", "email=off")
    assert tidings(*said).output == "offers is described.\n"
    assert tidings(*said).output == "It was like that already.\n"
    assert "off (category)" in tidings("preferences", "show", "anna").output
    assert tidings("categories", "remove", "offers").exit_code == 0
    assert "on (installation)" in tidings("preferences", "show", "anna").output
    acts = selected(database_url, "SELECT action, subject FROM audit ORDER BY at")
    assert acts == [
        ("described a category", "offers"),
        ("removed a category's description", "offers"),
    ]


def test_an_organisation_has_its_default_under_the_choice_of_its_people(database_url: str):
    assert tidings("preferences", "org", "acme", "*", "email", "off").exit_code == 0
    assert "off (org)" in tidings("preferences", "show", "anna").output
    assert tidings("preferences", "set", "anna", "offers", "email", "on").output == "Changed.\n"
    assert "on (personal)" in tidings("preferences", "show", "anna").output
    tidings("preferences", "set", "anna", "offers", "email", "default")
    tidings("preferences", "org", "acme", "*", "email", "default")
    assert "on (installation)" in tidings("preferences", "show", "anna").output
    [(_, via)] = selected(database_url, "SELECT DISTINCT changed_by, via FROM preference_changes")
    assert via == "command"


def test_muting_and_snoozing_are_shown_and_kept(database_url: str):
    tidings("preferences", "mute", "anna")
    assert "Everything is muted." in tidings("preferences", "show", "anna").output
    assert tidings("preferences", "unmute", "anna").output == "Changed.\n"
    assert tidings("preferences", "unmute", "anna").output == "It was like that already.\n"
    tidings("preferences", "mute", "anna", "--channel", "email")
    assert "off (mute)" in tidings("preferences", "show", "anna").output
    tidings("preferences", "unmute", "anna", "--channel", "email")
    until = selected(database_url, "SELECT (now() + interval '1 day')::timestamptz")[0][0]
    tidings("preferences", "snooze", "anna", until)
    assert "Snoozed until" in tidings("preferences", "show", "anna").output
    tidings("preferences", "snooze", "anna", "off")
    assert "Snoozed" not in tidings("preferences", "show", "anna").output
    told = tidings("preferences", "history", "anna").output
    assert told.count("command") == 6
    assert told.count("default") == 3


@pytest.mark.parametrize(
    "words",
    [
        ("preferences", "set", "anna", "ofers", "email", "on"),
        ("preferences", "set", "anna", "offers", "pigeon", "on"),
        ("preferences", "set", "", "offers", "email", "on"),
        ("preferences", "snooze", "anna", "tomorrow"),
        ("preferences", "snooze", "anna", "2026-01-01T00:00:00"),
        ("preferences", "snooze", "anna", "2001-01-01T00:00:00Z"),
        ("preferences", "org", "acme", "offers", "pigeon", "on"),
        ("categories", "set", "*", "--title", "Everything"),
        ("categories", "set", "offers", "--title", " "),
        ("categories", "set", "offers", "--title", "Offers", "--default", "email=maybe"),
        ("categories", "remove", "offers"),
        ("suppressions", "add", "anna", "--reason", "x"),
        ("suppressions", "add", "anna@example.com", "--reason", "x", "--channel", "pigeon"),
        ("suppressions", "lift", "anna@example.com", "--reason", "x"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    words: tuple[str, ...], database_url: str
):
    came = tidings(*words)
    assert isinstance(came.exception, ValueError), came.output
    for table in ("preferences", "categories", "suppressions", "audit"):
        assert selected(database_url, f"SELECT * FROM {table}") == []


def test_an_address_is_suppressed_for_a_category_and_lifted_again(database_url: str):
    add = ("suppressions", "add", "anna@Example.com", "--reason", "complaint")
    assert tidings(*add, "--category", "offers", "--days", 30).exit_code == 0
    assert tidings(*add).exit_code == 0
    assert "already" in tidings(*add).output
    told = tidings("suppressions", "list", "anna@EXAMPLE.com").output
    assert told.count("complaint") == 2
    assert "email, offers" in told
    [(copy,)] = selected(database_url, "SELECT suppressed FROM addresses")
    assert set(copy) == {"email/*", "email/offers"}
    lift = ("suppressions", "lift", "anna@EXAMPLE.com", "--reason", "she asked")
    assert tidings(*lift).exit_code == 0
    [(copy,)] = selected(database_url, "SELECT suppressed FROM addresses")
    assert set(copy) == {"email/offers"}
    assert isinstance(tidings(*lift).exception, ValueError)
    acts = selected(database_url, "SELECT action, subject FROM audit ORDER BY at")
    assert [action for action, _ in acts] == [
        "suppressed an address", "suppressed an address", "lifted a suppression",
    ]  # fmt: skip


def test_every_channel_can_be_stopped_at_once(database_url: str):
    tidings("suppressions", "add", "anna@example.com", "--reason", "law", "--channel", "*")
    [(copy,)] = selected(database_url, "SELECT suppressed FROM addresses")
    assert set(copy) == {"*/*"}
    assert "every channel" in tidings("suppressions", "list").output


FILE = """recipient_id,category,channel,allowed
anna,offers,email,off
anna,offers,in_app,on
bo,*,email,off
cy,offers,email,default
 dan,offers,email,off
anna,ofers,email,off
anna,offers,pigeon,off
anna,offers,email,perhaps
anna,offers,email
"""


def test_choices_are_imported_once_and_the_rest_is_told(database_url: str, tmp_path: Path):
    file = tmp_path / "choices.csv"
    file.write_text(FILE)
    first = tidings("import", "preferences", file)
    assert "3 preferences changed." in first.output
    assert "5 lines refused" in first.output
    rejects = (tmp_path / "choices.rejects.csv").read_text().splitlines()
    assert rejects[0] == "recipient_id,category,channel,allowed,reason"
    assert len(rejects) == 6
    assert "0 preferences changed." in tidings("import", "preferences", file).output
    found = selected(
        database_url,
        "SELECT recipient_id, category, channel, allowed FROM preferences ORDER BY 1, 3",
    )
    assert found == [
        ("anna", "offers", "email", False), ("anna", "offers", "in_app", True),
        ("bo", "*", "email", False),
    ]  # fmt: skip
    assert selected(database_url, "SELECT DISTINCT via FROM preference_changes") == [("import",)]


def test_a_file_without_its_columns_is_refused(tmp_path: Path):
    file = tmp_path / "choices.csv"
    file.write_text("recipient_id,category\nanna,offers\n")
    assert tidings("import", "preferences", file).exit_code == 2
