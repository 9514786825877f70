"""Tables of the console taken along: people, API keys and the members of an audience."""

import csv
from collections.abc import Callable, Mapping
from io import StringIO
from uuid import UUID

import pytest

from dashboard.changing import audiences, keys, teams
from dashboard.changing.audiences import Draft
from dashboard.changing.keys import Scope
from dashboard.reading import sheets, taking
from dashboard.reading.audits import AuditWanted, listed
from dashboard.reading.people import all_people
from models.people import Role
from tests.factories import rows
from tests.gate import fetched

Make = Callable[..., UUID]
TEAM = """
key = "team"
title = "On the team plan"
[[all]]
about = "attribute"
name = "plan"
is = "team"
"""

pytestmark = pytest.mark.usefixtures("reading")


def lines(by: UUID, path: str) -> list[Mapping[str, str]]:
    answer = fetched(taking.ROUTES, path, by)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(StringIO(answer.text)))


def exported() -> list[tuple[str, object]]:
    found = listed(AuditWanted())
    return [(one.action, one.detail) for one in found if one.action.startswith("exported")]


def test_people_are_told_with_their_roles_everywhere_and_in_teams(person: Make):
    admin, _ = person("admin"), person("viewer", active=False)
    teams.make(admin, "growth", "Growth")
    teams.set_roles(admin, admin, "growth", [Role.APPROVER, Role.AUTHOR])
    found = {line["E-mail address"]: line for line in lines(admin, "/export/people.csv")}
    assert set(found) == {one.email for one in all_people()}
    told = {(one["Roles"], one["In teams"], one["Has access"]) for one in found.values()}
    assert told == {("admin", "growth: approver author", "True"), ("viewer", "", "False")}
    assert [action for action, _ in exported()] == ["exported people"]


def test_keys_are_told_without_what_they_open_and_are_no_formulas(person: Make):
    engineer = person("engineer")
    secret = keys.make(engineer, "=1+1", "shop", [Scope.EVENTS_WRITE], 7)
    answer = fetched(taking.ROUTES, "/export/keys.csv", engineer)
    (line,) = csv.DictReader(StringIO(answer.text))
    assert (line["Name"], line["Source"], line["Scopes"]) == ("'=1+1", "shop", "events:write")
    assert secret.startswith(line["Starts with"])
    assert secret not in answer.text


def test_members_come_page_by_page_and_it_is_written_down_whose(
    person: Make, reading: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sheets, "_AT_ONCE", 2)
    with rows(reading) as make:
        for number in range(5):
            make.recipient(f"t{number}", attributes={"plan": "team"})
        make.recipient("solo")
    audiences.save(person("author"), "team", Draft(TEAM, None, "The first"))
    found = lines(person("viewer"), "/export/members.csv?audience=team")
    assert sorted(line["Recipient"] for line in found) == [f"t{number}" for number in range(5)]
    ((action, detail),) = exported()
    assert action == "exported members"
    assert detail == {"filter": {"audience": ["team"]}}


@pytest.mark.parametrize("query", ["", "?audience=nobodys"])
def test_an_audience_there_is_not_is_said_and_is_no_export(person: Make, query: str):
    answer = fetched(taking.ROUTES, f"/export/members.csv{query}", person("viewer"))
    assert answer.status_code == 404
    assert "see the page audiences" in answer.text.casefold()
    assert exported() == []
