"""Teams: making them, who is in them, what they own, and what support does not see."""

from collections.abc import Callable
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions, data
from dashboard.changing import beginning, campaigning, subjects, teams
from dashboard.changing.teams import Owned
from dashboard.reading import campaigns, people
from delivery.rulebook.writing import as_toml
from delivery.topics import as_document
from models.people import Person, Role
from models.records import TemplateHead, Words
from tests.attacks import TOPIC
from tests.factories import Made
from tests.integration.console.test_console_pages import texts

Make = Callable[..., UUID]
Open = Callable[..., AppTest]
HEAD = TemplateHead("boards-mail", "Boards", "in_app", locale="en")
NEWS = {"key": "boards-news", "title": "News", "topic": TOPIC.key, "recipients": ["zoe"]}
SUPPORT_SEES = {
    "overview", "deliveries", "held", "doubt", "dead_letters", "feedback", "suppressions",
    "reputation", "recipient",
}  # fmt: skip


@pytest.fixture
def admin(reading: str, person: Make) -> UUID:  # noqa: ARG001 - the database that is read
    """An admin, who made the team `boards`."""
    made = person("admin")
    teams.make(made, "boards", "Boards")
    return made


def found(identifier: UUID) -> Person:
    somebody = people.person(identifier)
    assert somebody
    return somebody


def test_a_team_s_author_makes_its_topics_and_changes_no_other(admin: UUID, person: Make):
    author = person("viewer")
    teams.set_roles(admin, author, "boards", [Role.AUTHOR])
    subjects.save(author, as_toml(as_document(TOPIC)), None, "boards")
    campaigning.save(author, {**NEWS, "team": "boards"}, None)
    with pytest.raises(actions.NotAllowedError):
        campaigning.save(author, {**NEWS, "key": "for-all"}, None)
    assert teams.owners(Owned.TOPIC) == {TOPIC.key: "boards"}

    teams.give(admin, Owned.TOPIC, TOPIC.key, None)
    base = as_document(TOPIC)
    with pytest.raises(actions.NotAllowedError):
        subjects.save(author, as_toml({**base, "title": "Mine"}), base)


def test_what_is_done_to_teams_is_in_the_audit(admin: UUID, person: Make):
    viewer = person("viewer")
    teams.set_roles(admin, viewer, "boards", [Role.AUTHOR, Role.APPROVER])
    assert found(viewer).teams == {"boards": {"author", "approver"}}
    with pytest.raises(actions.RefusedError, match="Nothing would change"):
        teams.set_roles(admin, viewer, "boards", [Role.APPROVER, Role.AUTHOR])
    teams.set_roles(admin, viewer, "boards", [])
    assert found(viewer).teams == {}

    entry = data.audit()[0]
    assert (entry.action, entry.subject) == ("set roles in a team", found(viewer).email)
    assert (entry.detail, entry.before, entry.after) == (
        {"team": "boards"}, ["approver", "author"], [],
    )  # fmt: skip


def test_a_team_that_owns_something_cannot_go(admin: UUID, person: Make):
    subjects.save(admin, as_toml(as_document(TOPIC)), None, "boards")
    viewer = person("viewer")
    teams.set_roles(admin, viewer, "boards", [Role.AUTHOR])
    with pytest.raises(actions.RefusedError, match="owns 1 thing"):
        teams.remove(admin, "boards")

    teams.give(admin, Owned.TOPIC, TOPIC.key, None)
    teams.remove(admin, "boards")
    assert teams.all_teams() == []
    assert found(viewer).teams == {}
    with pytest.raises(actions.RefusedError, match="no such team"):
        teams.give(admin, Owned.TOPIC, TOPIC.key, "boards")


def test_templates_and_campaigns_are_given_away_as_topics_are(admin: UUID, person: Make):
    subjects.save(admin, as_toml(as_document(TOPIC)), None)
    campaigning.save(admin, NEWS, None)
    beginning.create(admin, HEAD, Words("A", "B"), None)
    for kind, key in ((Owned.CAMPAIGN, NEWS["key"]), (Owned.TEMPLATE, HEAD.template)):
        teams.give(admin, kind, key, "boards")
        assert teams.owners(kind) == {key: "boards"}
        with pytest.raises(actions.NotAllowedError):
            teams.give(person("viewer"), kind, key, None)
    line = campaigns.line(NEWS["key"])
    assert line is not None
    assert line.campaign.document["team"] == "boards", "else its next save would take it back"
    with pytest.raises(actions.RefusedError, match="changed it meanwhile"):
        campaigning.save(admin, {**NEWS, "title": "Mine"}, 1)
    teams.give(admin, Owned.CAMPAIGN, NEWS["key"], None)
    line = campaigns.line(NEWS["key"])
    assert line is not None
    assert "team" not in line.campaign.document


@pytest.mark.parametrize("key", ["", "Boards", "a b", "-a", "a" * 64, "a\n"])
def test_a_key_that_will_not_do_is_refused(admin: UUID, key: str):
    with pytest.raises(actions.RefusedError, match="key"):
        teams.make(admin, key, "Boards")


def test_a_team_is_made_once_and_needs_a_name(admin: UUID):
    with pytest.raises(actions.RefusedError, match="already"):
        teams.make(admin, "boards", "Others")
    for act in (teams.make, teams.rename):
        with pytest.raises(actions.RefusedError, match="name"):
            act(admin, "boards", " ")
    teams.rename(admin, "boards", "Boards and pages")
    assert [team.title for team in teams.all_teams()] == ["Boards and pages"]


@pytest.mark.usefixtures("day")
def test_support_has_no_page_of_settings_or_words(open_page: Open):
    at = open_page("providers", "support")

    assert set(at.session_state["tidings_pages"]) == SUPPORT_SEES
    assert [each.value for each in at.title] == ["Overview"]


def test_support_sees_why_but_not_what_was_said(open_page: Open, day: Made):
    whole = texts(open_page("deliveries", "viewer", delivery=str(day.id)))
    assert "Hash agrees" in whole

    at = open_page("deliveries", "support", delivery=str(day.id))
    said = texts(at)
    assert "not what it said" in said
    assert "Hash agrees" not in said
    assert not at.get("json")
    assert "Why" in said


def test_support_sees_a_timeline_without_data(open_page: Open, day: Made):
    at = open_page("recipient", "support", id=day.recipient)
    said = texts(at)
    assert not at.exception
    assert at.dataframe
    assert not at.get("json")
    feed = data.recipient_report(day.recipient).feed
    assert all(line.title not in said for line in feed if line.title)
