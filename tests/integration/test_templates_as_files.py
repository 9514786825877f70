"""Templates pulled, reviewed and pushed: nothing is lost, and nothing goes live unlooked at."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from models.database import SyncDatabase
from models.queries.configuring import drafts, templates
from models.query import rows, sql
from models.records import NewVersion, TemplateHead
from scheduler import samples
from scheduler.commands import templates as command

Command = Callable[..., Any]
FOOTER = '<mj-section><mj-column><mj-text>{{ "Bye" }}</mj-text></mj-column></mj-section>'
MAIL = """<mjml><mj-body>
<mj-section><mj-column><mj-text>Hello {{ recipient.name }}</mj-text></mj-column></mj-section>
<mj-include path="footer" />
<mj-section><mj-column><mj-text>
<a href="{{ links.unsubscribe }}">Unsubscribe</a></mj-text></mj-column></mj-section>
</mj-body></mjml>
"""


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SyncDatabase]:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)
    opened = SyncDatabase.connect(database_url, "tests", 1)
    samples.plant_catalog(opened, opened.now())
    yield opened
    opened.close()


@pytest.fixture
def tidings(database: SyncDatabase) -> Command:
    assert database
    return lambda *words: CliRunner().invoke(command.app, [str(word) for word in words])


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A mail in two languages and a footer, of which the store knows nothing."""
    for path, text in {
        "footer/template.toml": 'title = "Footer"\nchannel = "email"\nkind = "partial"\n',
        "footer/mail.mjml": FOOTER,
        "hello/template.toml": '# ours\ntitle = "Hello"\nchannel = "email"\nlocale = "en"\n',
        "hello/mail.mjml": MAIL,
        "hello/subject.txt": "Hello {{ recipient.name }}\n",
        "hello/preheader.txt": "It is good to have you here.\n",
        "hello/de/mail.mjml": MAIL.replace("Hello", "Hallo").replace("Uns", "Ab"),
        "hello/de/subject.txt": "Hallo {{ recipient.name }}\n",
        "hello/de/preheader.txt": "Wie schön, dass Sie da sind.\n",
    }.items():
        (tmp_path / "written" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "written" / path).write_text(text)
    return tmp_path / "written"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def head(database: SyncDatabase, key: str) -> TemplateHead:
    with database.begin() as tx:
        return tx.run(templates.heads())[key]


def test_a_round_trip_changes_nothing(tidings: Command, tmp_path: Path):
    assert tidings("pull", tmp_path / "a").exit_code == 0
    before = contents(tmp_path / "a")
    pushed = tidings("push", tmp_path / "a")
    assert pushed.output.endswith("5 of 5 were like that already.\n")
    tidings("pull", tmp_path / "b")
    assert contents(tmp_path / "a") == before == contents(tmp_path / "b")


def test_pieces_are_pushed_before_what_includes_them_and_pulled_with_it(
    tidings: Command, database: SyncDatabase, written: Path, tmp_path: Path
):
    told = tidings("push", written, "--despite-warnings")
    assert told.exit_code == 0, told.output
    past = sql("SELECT subject FROM audit WHERE action = 'went past approvals'", rows)
    with database.begin() as tx:
        assert [tuple(row) for row in tx.run(past)] == [("template hello",)]
    assert "# ours" in (written / "hello/template.toml").read_text()
    assert tidings("push", written).output == "2 of 2 were like that already.\n"
    assert tidings("pull", tmp_path / "again", "hello").exit_code == 0
    again = contents(tmp_path / "again")
    assert again.keys() == contents(written).keys()
    assert again["hello/de/mail.mjml"] == contents(written)["hello/de/mail.mjml"]

    (written / "footer/mail.mjml").write_text(FOOTER.replace("Bye", "Ciao"))
    told = tidings("push", written)
    assert "footer: version 2 is live; new versions of hello, which include it." in told.output
    with database.begin() as tx:
        first, second = (tx.run(templates.texts("hello", number))[0] for number in (1, 2))
    assert ("Bye" in first.compiled, "Ciao" in second.compiled) == (True, True)
    assert first.words == second.words
    assert "version = 2" in (written / "hello/template.toml").read_text()

    (written / "footer/mail.mjml").write_text(FOOTER.replace('"Bye"', "data.nope"))
    refused = tidings("push", written, "--despite-warnings")
    assert refused.exit_code == 1
    assert "footer/mail.mjml:1: error: in hello (en), line " in refused.output
    assert head(database, "footer").live_version == 2


def test_what_the_gate_says_is_told_by_file_and_line_and_nothing_is_pushed(
    tidings: Command, database: SyncDatabase, written: Path
):
    (written / "hello/de/mail.mjml").write_text(
        MAIL.replace("</mj-text>", "{{ data.x </mj-text>", 1)
    )
    refused = tidings("push", written, "--despite-warnings")
    assert refused.exit_code == 1
    assert "hello/de/mail.mjml:2: error: " in refused.output
    (written / "footer/mail.mjml").write_text('\n{% include "nope" %}')
    assert "footer/mail.mjml:2: there is no partial nope" in tidings("check", written).output
    with database.begin() as tx:
        assert not tx.run(templates.heads()).keys() & {"hello", "footer"}


def test_files_older_than_the_store_are_refused_with_the_way_to_merge(
    tidings: Command, database: SyncDatabase, tmp_path: Path
):
    tidings("pull", tmp_path / "a")
    with database.begin() as tx:
        (live,) = tx.run(templates.texts("edit-saved", 1))
        newer = replace(live, version=2, source="Theirs")
        tx.follow(templates.save_version(newer, "Your edit was saved", "bo", database.now()))
    (tmp_path / "a/edit-saved/body.txt").write_text("Ours")
    refused = tidings("push", tmp_path / "a")
    assert refused.exit_code == 1
    assert "version 2 is live in the store and these are of 1" in refused.output
    assert "tidings templates pull OTHER edit-saved" in refused.output
    held = tidings("pull", tmp_path / "a")
    assert held.exit_code == 2
    assert "edit-saved: changed here since" in held.output
    assert (tmp_path / "a/edit-saved/body.txt").read_text() == "Ours"


def test_drafts_are_kept_and_never_sent(tidings: Command, database: SyncDatabase, tmp_path: Path):
    tidings("pull", tmp_path, "edit-saved")
    (tmp_path / "edit-saved/body.txt").write_text("A draft")
    for _ in range(2):
        assert tidings("push", tmp_path, "--draft").exit_code == 0
    assert head(database, "edit-saved").live_version == 1
    with database.begin() as tx:
        (kept,) = tx.run(drafts.drafts("edit-saved"))
    assert (kept.words.source, kept.revision, kept.base_version) == ("A draft", 1, 1)
    (tmp_path / "edit-saved/body.txt").write_text("Another")
    refused = tidings("push", tmp_path, "--draft")
    assert refused.exit_code == 1
    assert "saved this draft meanwhile" in refused.output


def test_links_are_followed_nowhere(tidings: Command, tmp_path: Path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files/stolen").symlink_to("/etc")
    (tmp_path / "files/.git").mkdir()
    refused = tidings("check", tmp_path / "files")
    assert refused.exit_code == 1
    assert "stolen:1: this is a link: put the file itself here" in refused.output
    assert tidings("check", tmp_path / "nowhere").exit_code == 2


def test_starters_are_installed_once_with_what_they_share(tidings: Command, database: SyncDatabase):
    assert "welcome        Greets" in tidings("gallery").output
    assert "welcome: version 1 is live." in tidings("gallery", "welcome").output
    assert tidings("gallery", "welcome").output.startswith("All of that is there already")
    assert tidings("gallery", "nope").exit_code == 2
    assert head(database, "brand").kind == "layout"


def test_missing_and_outdated_translations_are_told(tidings: Command, database: SyncDatabase):
    assert tidings("missing").output == "Nothing is missing.\n"
    tidings("gallery", "welcome")
    with database.begin() as tx:
        texts = tx.run(templates.texts("welcome", 1))
        newer = [replace(text, version=2) for text in texts]
        newer[0] = replace(newer[0], subject="Welcome!")
        new = NewVersion(head(database, "welcome"), tuple(newer), "bo", database.now())
        tx.follow(templates.publish_version(new))
        tx.run(templates.set_live("welcome", 2, database.now()))
    told = tidings("missing")
    assert told.output == "welcome: de is behind: en changed in version 2\n"


def test_what_is_archived_is_not_pulled_and_a_push_says_what_to_do(
    tidings: Command, database: SyncDatabase, written: Path, tmp_path: Path
):
    tidings("push", written, "--despite-warnings")
    refused = tidings("archive", "hello", "footer", "nothing")
    assert (refused.exit_code, refused.output) == (2, "tidings: There is no template nothing.\n")
    refused = tidings("archive", "footer")
    assert refused.output == (
        "tidings: footer is in use by template hello: let them use another first.\n"
    )
    for _ in range(2):
        assert tidings("archive", "hello", "footer").exit_code == 0
    assert head(database, "hello").archived
    tidings("pull", tmp_path / "rest")
    assert {"hello", "footer"}.isdisjoint(path.name for path in (tmp_path / "rest").iterdir())
    say = "is archived: bring it back with `tidings templates restore hello` first"
    assert say in tidings("push", written).output
    assert say in tidings("pull", tmp_path / "hello", "hello").output
    assert "tidings: hello cannot be brought back: " in tidings("restore", "hello").output
    assert tidings("restore", "footer", "hello").exit_code == 0
    assert tidings("push", written).output == "2 of 2 were like that already.\n"
