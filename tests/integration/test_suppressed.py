"""Suppressions as they are listed, imported, exported, lifted and counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from models.database import SyncDatabase
from models.queries.console.suppressed import (
    Ending,
    SuppressionsWanted,
    following,
    lifting,
    suppression_named,
    suppressions,
)
from models.queries.folding.suppressions import suppress_all
from models.records import Cause, Place, Suppression
from scheduler.__main__ import build
from tests.console_server import SECRET
from tests.factories import rows

FILE = """address,channel,category,reason,until
anna@example.com,,,asked by phone,
bo@example.com,email,offers,complaint,2999-01-01T00:00:00Z
nobody,email,,asked by phone,
anna@example.com,email,*,asked by phone,2999-01-01T00:00:00Z
"""


@pytest.fixture(autouse=True)
def _configured(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)
    monkeypatch.setenv("TIDINGS_SECRET_KEY", SECRET)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def database(database_url: str) -> Any:
    with_name = SyncDatabase.connect(database_url, "tests")
    yield with_name
    with_name.close()


def tidings(*arguments: object) -> Result:
    return CliRunner().invoke(build(str(arguments[0])), [str(each) for each in arguments])


def selected(url: str, query: str) -> list[tuple[object, ...]]:
    with rows(url) as make:
        return [tuple(row) for row in make.connection.exec_driver_sql(query)]


def test_a_file_is_imported_once_whatever_stands_twice_in_it(database_url: str, tmp_path: Path):
    with rows(database_url) as make:
        make.recipient("anna")
        make.address("anna", "anna@example.com")
    file = tmp_path / "stop.csv"
    file.write_text(FILE)

    assert (
        "2 addresses suppressed.\n1 lines refused" in tidings("suppressions", "import", file).output
    )
    assert tidings("import", "suppressions", file).output.startswith("0 addresses suppressed.")
    assert "nobody is no address of email" in (tmp_path / "stop.rejects.csv").read_text()
    assert selected(
        database_url,
        "SELECT a.suppressed -> 'email/*' ->> 'reason', count(c.*), max(u.action)"
        " FROM addresses a, suppression_changes c, audit u GROUP BY 1",
    ) == [("asked by phone", 2, "imported suppressions")]
    counted = "SELECT reason, sum(entered) FROM rollups WHERE state = 'suppressed' GROUP BY 1"
    assert dict(selected(database_url, counted)) == {"by_hand": 1, "complaint": 1}


def test_a_file_that_is_none_of_ours_is_refused_whole(database_url: str, tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text("address,name\nanna@example.com,Anna\n")
    refused = tidings("suppressions", "import", file)

    assert refused.exit_code == 2
    assert "unknown columns name" in refused.output
    assert selected(database_url, "SELECT * FROM suppressions") == []


def test_what_is_exported_can_be_imported_elsewhere(database_url: str, tmp_path: Path):
    (tmp_path / "in.csv").write_text(FILE)
    tidings("suppressions", "import", tmp_path / "in.csv")
    said = tidings("suppressions", "export", tmp_path / "out.csv").output
    assert said.startswith("2 suppressions written to")
    before = selected(database_url, "SELECT address, reason, expires_at FROM suppressions")
    with rows(database_url) as make:
        make.connection.exec_driver_sql("DELETE FROM suppressions")
    tidings("suppressions", "import", tmp_path / "out.csv")

    after = selected(database_url, "SELECT address, reason, expires_at FROM suppressions")
    assert sorted(after, key=str) == sorted(before, key=str)
    assert ("exported suppressions",) in selected(database_url, "SELECT action FROM audit")


def test_lifting_says_first_what_it_would_send(database_url: str, database: SyncDatabase):
    with rows(database_url) as make:
        make.recipient("anna")
        make.address("anna", "anna@example.com")
        make.suppression("anna@example.com", "complaint", "ses")
        make.delivery("anna", state="scheduled")
        for ago in (timedelta(days=1), timedelta(days=40)):
            make.delivery("anna", state="skipped", ago=ago, reason="suppressed", trace={})
        make.delivery("anna", channel="in_app", state="scheduled")
    tried = tidings("suppressions", "lift", "anna@example.com", "--reason", "x", "--dry-run")
    assert "1 recipient is reached there: 1 delivery that waits would" in tried.output
    assert "In the last 30 days 1 delivery was skipped" in tried.output
    done = tidings("suppressions", "lift", "anna@example.com", "--reason", "mended")

    assert done.output.endswith("anna@example.com (email) may be written to again.\n")
    counted = "SELECT state, reason, entered FROM rollups WHERE state = 'lifted'"
    assert selected(database_url, counted) == [("lifted", "complaint", 1)]
    with database.begin() as tx:
        now = make.now
        of_offers = [Place("email", "anna@example.com", "offers")]
        assert tx.follow(lifting(of_offers, now, now - timedelta(days=9))).waiting == 0


NOW_AND_THEN = (
    *(Suppression("email", f"a{number}@example.com", "complaint", "ses") for number in range(5)),
    Suppression("*", "b@example.com", "by phone", "ada"),
    Suppression("email", "over@example.com", "soft_bounces", "ses", None, "offers"),
)


def listed(database: SyncDatabase, **asked: Any) -> list[str]:
    """The addresses of what is asked for, on a list of `NOW_AND_THEN`."""
    now = database.now()
    ends = {"b@example.com": now + timedelta(days=3), "over@example.com": now}
    said = [replace(one, expires_at=ends.get(one.address)) for one in NOW_AND_THEN]
    with database.begin() as tx:
        tx.follow(suppress_all(said, now))
    found: list[str] = []
    wanted: SuppressionsWanted | None = SuppressionsWanted(now, limit=2, **asked)
    while wanted is not None:
        with database.begin() as tx:
            page = tx.run(suppressions(wanted))
        found += [one.address for one in page]
        wanted = following(wanted, page)
    return sorted(found)


SOON = datetime.now(UTC) + timedelta(days=4)
SES = [f"a{number}@example.com" for number in range(5)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [*SES, "b@example.com"]),
        ({"ending": Ending.OVER}, ["over@example.com"]),
        ({"ending": Ending.OVER, "category": "offers", "cause": Cause.SOFT_BOUNCES},
         ["over@example.com"]),
        ({"ending": Ending.SOON, "soon": SOON}, ["b@example.com"]),
        ({"ending": Ending.SOON, "soon": SOON - timedelta(days=3)}, []),
        ({"ending": Ending.FOR_GOOD, "source": "s"}, SES),
        ({"cause": Cause.BY_HAND}, ["b@example.com"]),
        ({"channel": "*"}, ["b@example.com"]),
        ({"addresses": ("b@example.com", "nobody@example.com")}, ["b@example.com"]),
        ({"prefix": "a", "cause": Cause.COMPLAINT}, SES),
    ],
)  # fmt: skip
def test_the_list_is_paged_by_key_and_asked_by_each_filter(
    database: SyncDatabase, asked: dict[str, Any], expected: list[str]
):
    assert listed(database, **asked) == expected


def test_one_is_found_by_what_names_it_where_its_address_must_not_stand(database: SyncDatabase):
    assert listed(database)
    place = NOW_AND_THEN[0].place
    with database.begin() as tx:
        [line] = tx.run(suppression_named(place.bucket, place.digest))

    assert line.place == place
