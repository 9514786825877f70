"""The pure parts of the console: permissions, pages of lists, previews, snippets."""

import json
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from dashboard import access
from dashboard.access import Permission
from dashboard.components.deliveries.line import html
from dashboard.components.templates.preview import Look, harmless
from dashboard.reading.reports import TemplateReport
from dashboard.showing import paging
from dashboard.showing.examples import choices
from dashboard.showing.snippets import snippets
from models.people import Person, Role
from models.readings.deliveries import Position
from models.readings.templates import TemplateLine
from models.records import Class, Persona, Topic

PERSON = UUID(int=7)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_only_admins_manage_people():
    can = {role for role in Role if Permission.MANAGE_PEOPLE in access.permissions([role])}

    assert can == {Role.ADMIN}


def test_a_role_nobody_knows_allows_nothing():
    assert access.permissions(["emperor"]) == frozenset()


def test_every_role_sees():
    assert all(Permission.SEE in access.permissions([role]) for role in Role)


def member(*roles: str, **teams: str) -> Person:
    in_teams = {team: frozenset({role}) for team, role in teams.items()}
    return Person(
        PERSON, "a@example.com", "A", frozenset(roles), active=True, created_at=NOW, teams=in_teams
    )


def test_a_role_in_a_team_allows_what_it_does_there_and_nowhere_else():
    author = member("viewer", boards="author")

    assert Permission.CHANGE_TOPICS in access.within(author, "boards")
    assert Permission.CHANGE_TOPICS not in access.within(author, "billing")
    assert Permission.CHANGE_TOPICS not in access.within(author, None)
    assert Permission.CHANGE_TOPICS in access.somewhere(author)


def test_a_role_given_everywhere_counts_in_every_team():
    assert Permission.CHANGE_TOPICS in access.within(member("author"), "boards")


@pytest.mark.parametrize("permission", sorted(set(Permission) - access.IN_TEAMS))
def test_no_role_in_a_team_reaches_what_belongs_to_all(permission: Permission):
    admin = member(boards="admin")

    assert permission not in access.within(admin, "boards")
    assert permission not in access.somewhere(admin)


def test_a_position_survives_the_url():
    position = Position(NOW.replace(microsecond=123456), UUID(int=5))

    assert paging.read(paging.written(position)) == position


@pytest.mark.parametrize("text", [None, "", "x", "2026-11-22_x", "_", "x_00"])
def test_a_position_that_is_none_is_the_start(text: str | None):
    assert paging.read(text) is None


def test_a_preview_is_bound_by_a_policy_that_lets_no_pictures_in():
    safe = harmless("<html><head><title>x</title></head></html>", Look())

    assert safe.startswith('<html><head><meta http-equiv="Content-Security-Policy"')
    assert "default-src 'none'" in safe
    assert "img-src data:;" in safe


def test_a_preview_lets_pictures_in_when_asked():
    assert "img-src https: data:;" in harmless("<p>x</p>", Look(images=True))


@pytest.mark.parametrize(("scheme", "dark"), [("Dark", "min-width"), ("Light", "max-width")])
def test_dark_styles_follow_the_look_not_the_browser(scheme: str, dark: str):
    mail = "<style>@media ( prefers-color-scheme : DARK ) {}</style>"

    assert f"@media ({dark}: 0px)" in harmless(mail, Look(scheme=scheme))


def topic(schema: object = None, key: str = "board.shared") -> Topic:
    return Topic(key, "Board", "boards", Class.TRANSACTIONAL, (), json.dumps(schema))


def test_a_snippet_quotes_what_the_data_holds():
    data = {"board": 'Anna\'s "Plan"'}
    sql, python, curl, _ = snippets(topic({"examples": [data]}), "http://api")

    assert """'{"board": "Anna''s \\"Plan\\""}'""" in sql.text
    assert f"Jsonb({data!r})" in python.text
    assert "Anna'\\''s" in curl.text


def test_every_example_of_every_topic_is_offered_and_saved_personas_first():
    line = TemplateLine("t", "T", "email", 1, 1, ["a"], NOW)
    used = (topic({"examples": [{"n": 1}, {"n": 2}]}, "a"), topic({}, "b"))
    report = TemplateReport(line, (), (), used, {"b": {"n": 3}})
    lin = Persona("t", "Lin", {"id": "lin", "name": None}, {"n": 4})

    offered = choices(report, "de", [lin])

    data = {name: case.context["data"] for name, case in offered.items()}
    assert next(iter(data)) == "Lin (saved)"
    assert data["a: example 1"] == {"n": 1}
    assert data["a: example 2"] == {"n": 2}
    assert data["b: event 1"] == {"n": 3}
    assert offered["Lin (saved)"].context["recipient"]["name"] is None
    assert offered["a: example 1"].context["recipient"]["locale"] == "de"
    assert any("nobody's name" in name for name in data)


def test_a_life_is_told_in_the_order_it_happened():
    later = NOW.replace(hour=13)
    told = html([("Sent", later), ("Created", NOW), ("Due", None)], ZoneInfo("UTC"), later)

    assert told.index("Created") < told.index("Sent")
    assert "Due" not in told
    assert "+1 h" in told
