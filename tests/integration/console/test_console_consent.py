"""The Recipient page's consent: what counts, who changed it, and changing it with an audit."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions, data
from dashboard.changing import wishes
from models.records import EVERY, Choice, Place
from tests.factories import rows, suppressed

Make = Callable[..., UUID]
Open = Callable[..., AppTest]
TOPICS = """
    INSERT INTO topics (topic, title, category, class, dedup_window, mandatory, sensitive,
                        updated_at)
    VALUES ('shared', 'A shared board', 'boards', 'transactional', '7 d', false, false, now()),
           ('invoice', 'An invoice', 'boards', 'transactional', '7 d', true, false, now());
    INSERT INTO topic_steps (topic, step, position, channel)
    VALUES ('shared', 'a', 0, 'email'), ('shared', 'b', 1, 'in_app');
    INSERT INTO categories (category, title, description, position, defaults, updated_at)
    VALUES ('boards', 'Boards of yours', '', 1, '{"in_app": false}', now())
"""


@pytest.fixture
def anna(reading: str) -> str:
    with rows(reading) as make:
        make.recipient("anna")
        make.address("anna", "anna@example.com", suppressed=suppressed("complaint", mark="email/x"))
        make.address("anna", "anna@example.net", preferred=False)
        make.connection.exec_driver_sql(TOPICS)
        make.preference("anna", "boards", allowed=True)
    return reading


def told(at: AppTest) -> str:
    kinds = ("markdown", "caption")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind)).replace("\\", "")


def selected(url: str, query: str) -> list[tuple[object, ...]]:
    with rows(url) as make:
        return [tuple(row) for row in make.connection.exec_driver_sql(query)]


def button(at: AppTest, label: str) -> AppTest:
    (found,) = (each for each in at.button if each.label == label)
    return found.click().run()


@pytest.mark.usefixtures("anna")
def test_shows_what_counts_and_whose_word_it_is(open_page: Open):
    at = open_page("recipient", "viewer", id="anna")
    assert not at.exception
    said = told(at)
    assert "Boards of yours" in said
    assert ":green-badge[E-mail on] :small[:gray[their choice]]" in said
    assert ":red-badge[In-app off] :small[:gray[category]]" in said
    assert "Always: An invoice" in said
    assert "E-mail, only x: Complaint" in said
    assert not {"Change", "Mute", "Snooze", "Lift"} & {each.label for each in at.button}


def test_an_operator_mutes_and_unmutes_and_it_is_remembered(anna: str, open_page: Open):
    at = open_page("recipient", "operator", id="anna")
    at = button(at, "Mute")
    assert "Muted" in told(at)
    assert "Mute set on every channel" in told(at)
    at = button(at, "Unmute")
    assert "everything but critical" not in told(at)
    assert not at.exception
    changes = selected(anna, "SELECT allowed, via FROM preference_changes ORDER BY at")
    assert changes == [(False, "console"), (None, "console")]
    audit = selected(anna, "SELECT action, subject FROM audit ORDER BY at")
    assert audit == [("changed a preference", "anna")] * 2


def test_choosing_twice_is_refused_the_second_time(anna: str, person: Make):
    operator, off = person("operator"), Choice("anna", "boards", "email", allowed=False)
    wishes.choose(operator, off)
    with pytest.raises(actions.RefusedError, match="like that already"):
        wishes.choose(operator, off)
    assert len(selected(anna, "SELECT * FROM audit")) == 1
    with pytest.raises(actions.RefusedError, match="no such channel"):
        wishes.choose(operator, Choice("anna", "boards", "pigeon", allowed=False))


def test_a_snooze_is_set_shown_and_ended(open_page: Open, person: Make, anna: str):
    operator, until = person("operator"), data.now() + timedelta(hours=5)
    wishes.leave_alone(operator, "anna", until)
    with rows(anna) as make:
        made = make.delivery("anna", state="scheduled", due_at=until, held_for="snoozed")
    at = button(open_page("recipient", "operator", id="anna"), "End the snooze")
    assert ":orange-badge[Snoozed]" not in told(at)
    found = f"SELECT due_at < now(), held_for FROM queue WHERE delivery_id = '{made.id}'"
    due = selected(anna, found)
    assert due == [(True, None)]
    with pytest.raises(actions.RefusedError, match="after now"):
        wishes.leave_alone(operator, "anna", data.now() - timedelta(hours=1))


def test_an_address_is_suppressed_and_lifted_with_a_reason(anna: str, person: Make):
    operator, place = person("operator"), Place("email", "anna@example.net")
    with pytest.raises(actions.RefusedError, match="reason"):
        wishes.suppress(operator, place, " ", None)
    wishes.suppress(operator, place, "asked by phone", data.now() + timedelta(days=30))
    with pytest.raises(actions.RefusedError, match="as long"):
        wishes.suppress(operator, place, "asked by phone", data.now() + timedelta(days=1))
    report = data.recipient_report("anna")
    assert [block.reason for line in report.addresses for block in line.blocks] == [
        "complaint", "asked by phone",
    ]  # fmt: skip
    wishes.lift(operator, place, "she called again")
    with pytest.raises(actions.RefusedError, match="faster"):
        wishes.lift(operator, place, "she called again")
    changes = data.recipient_report("anna").consent.suppression_changes
    assert [(change.change, change.reason) for change in changes] == [
        ("lifted", "she called again"), ("suppressed", "asked by phone"),
    ]  # fmt: skip
    acts = selected(anna, "SELECT action FROM audit ORDER BY at")
    assert acts == [("suppressed an address",), ("lifted a suppression",)]


@pytest.mark.usefixtures("anna")
def test_who_may_not_changes_nothing(person: Make):
    viewer, place = person("viewer"), Place("email", "anna@example.com")
    for act in (
        lambda: wishes.choose(viewer, Choice("anna", EVERY, EVERY, allowed=False)),
        lambda: wishes.suppress(viewer, place, "x", None),
        lambda: wishes.lift(viewer, place, "x"),
    ):
        with pytest.raises(actions.NotAllowedError):
            act()
