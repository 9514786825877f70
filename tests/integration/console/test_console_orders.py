"""Doubt and dead letters in the console: who may order what, and what the pages show."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions, data
from dashboard.data import Selection, Wanted
from models.people import Role
from models.states import Resolution
from tests.factories import Made, rows
from tests.integration.console.test_console_pages import texts

Make = Callable[..., UUID]
Open = Callable[..., AppTest]
pytestmark = pytest.mark.usefixtures("reading")


@pytest.fixture
def doubt(reading: str) -> Made:
    """A mail to Dmitri that nobody knows the end of."""
    with rows(reading) as make:
        made = make.delivery(
            "dmitri", state="in_doubt", reason="no_answer", trace={}, attempts=1,
            ago=timedelta(minutes=5),
        )  # fmt: skip
        make.attempt(made, outcome="in_doubt", code=None, response=None, reason="no_answer")
    return made


@pytest.fixture
def failed(reading: str) -> Made:
    with rows(reading) as make:
        return make.delivery(
            "elif", state="failed", reason="content_refused", trace={}, ago=timedelta(minutes=5)
        )


def state(of: Made) -> str:
    found = data.report(of.id)
    assert found
    return found.delivery.state


@pytest.mark.parametrize(
    ("resolution", "end"),
    [
        (Resolution.SENT, "sent"),
        (Resolution.AGAIN, "scheduled"),
        (Resolution.CANCEL, "cancelled"),
    ],
)
def test_an_operator_resolves_doubt(person: Make, doubt: Made, resolution: Resolution, end: str):
    operator = person("operator")
    actions.resolve(operator, doubt.id, resolution)

    assert state(doubt) == end
    (entry,) = data.audit()
    assert entry.subject == str(doubt.id)
    assert entry.detail["were"] == {"in_doubt: no_answer": 1}


def test_the_second_operator_hears_that_somebody_was_faster(person: Make, doubt: Made):
    actions.resolve(person("operator"), doubt.id, Resolution.SENT)

    with pytest.raises(actions.RefusedError, match="it is sent now"):
        actions.resolve(person("operator"), doubt.id, Resolution.AGAIN)
    assert len(data.audit()) == 1


def test_what_is_in_the_queue_again_is_said_to_be(person: Make, doubt: Made):
    actions.resolve(person("operator"), doubt.id, Resolution.AGAIN)

    with pytest.raises(actions.RefusedError, match="in the queue now"):
        actions.resolve(person("operator"), doubt.id, Resolution.AGAIN)


@pytest.mark.parametrize("role", [r for r in Role if r not in {Role.OPERATOR, Role.ADMIN}])
def test_nobody_else_orders_anything(person: Make, doubt: Made, failed: Made, role: Role):
    who = person(role)
    selected = Selection(Wanted(states=frozenset({"failed"})), data.now())

    with pytest.raises(actions.NotAllowedError):
        actions.resolve(who, doubt.id, Resolution.SENT)
    with pytest.raises(actions.NotAllowedError):
        actions.send_again(who, failed.id)
    with pytest.raises(actions.NotAllowedError):
        list(actions.order_all(who, selected, Resolution.AGAIN))
    assert (state(doubt), state(failed)) == ("in_doubt", "failed")


def test_a_dead_letter_is_sent_again_once(person: Make, failed: Made):
    actions.send_again(person("operator"), failed.id)

    assert state(failed) == "scheduled"
    with pytest.raises(actions.RefusedError):
        actions.send_again(person("operator"), failed.id)


def test_all_that_match_are_sent_again(person: Make, failed: Made, doubt: Made):
    selected = Selection(Wanted(states=frozenset({"failed", "in_doubt"})), data.now())

    assert data.selected(selected) == 2
    assert list(actions.order_all(person("operator"), selected, Resolution.AGAIN)) == [(2, 0)]
    assert (state(doubt), state(failed)) == ("scheduled", "scheduled")


def buttons(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


@pytest.mark.usefixtures("doubt")
def test_the_list_of_doubt_offers_what_an_operator_may(open_page: Open):
    at = open_page("doubt", "operator")

    assert list(at.dataframe[0].value["recipient"]) == ["dmitri"]
    assert {"It was sent: all of these", "Send again: all of these"} <= set(buttons(at))


@pytest.mark.usefixtures("doubt")
def test_a_viewer_sees_doubt_and_no_buttons(open_page: Open):
    at = open_page("doubt", "viewer")

    assert list(at.dataframe[0].value["recipient"]) == ["dmitri"]
    assert not [label for label in buttons(at) if "all of these" in label]


def test_a_bulk_order_names_the_count_before_it_acts(open_page: Open, failed: Made):
    at = open_page("dead_letters", "operator")
    next(button for button in at.button if "all of these" in button.label).click().run()

    assert "changes **1** delivery." in texts(at)
    assert at.button(key="order_all").label == "Send again"
    assert state(failed) == "failed"


def test_the_drawer_resolves_one(open_page: Open, doubt: Made):
    at = open_page("doubt", "operator", delivery=str(doubt.id))
    at.button(key="one_sent").click().run()

    assert not at.exception
    assert state(doubt) == "sent"


def test_the_drawer_names_the_message_id_to_look_for(open_page: Open, doubt: Made):
    at = open_page("doubt", "operator", delivery=str(doubt.id))

    shown = " ".join(str(table.value.to_dict()) for table in at.table)
    assert f"{doubt.id}@" in shown


def test_the_drawer_stops_what_would_go_again(open_page: Open, reading: str):
    with rows(reading) as make:
        made = make.delivery("dmitri", state="scheduled", held_for="doubt", trace={})
        make.attempt(made, outcome="in_doubt", code=None, response=None, reason="no_answer")
        make.connection.exec_driver_sql("UPDATE queue SET doubts = 1, attempt = 1, trace = '{}'")
    at = open_page("deliveries", "operator", delivery=str(made.id))
    assert "Send again" not in buttons(at)
    at.button(key="one_cancel").click().run()

    assert state(made) == "cancelled"


def test_the_drawer_of_a_viewer_offers_nothing(open_page: Open, doubt: Made):
    at = open_page("doubt", "viewer", delivery=str(doubt.id))

    assert "No answer to the final dot came in time." in texts(at)
    assert "It was sent" not in buttons(at)
