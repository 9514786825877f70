"""The page of what is held, and letting it go there."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions, data
from dashboard.changing import ruling
from dashboard.components.deliveries.releasing import way
from models.people import Role
from models.readings.held import HeldLine
from models.reasons import Hold
from tests.factories import rows

Make = Callable[..., UUID]
Open = Callable[..., AppTest]


def hold(url: str, number: int, reason: str, topic: str = "news") -> None:
    """So many mails, held for an hour."""
    with rows(url) as make:
        for one in range(number):
            make.delivery(
                f"{reason}-{topic}-{one}", "email", "scheduled", topic=topic, held_for=reason
            )


def lines(url: str) -> dict[tuple[str, str], tuple[int, int]]:
    """(held for, topic) to how many are held, and how many are due."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            """SELECT coalesce(held_for, ''), topic, count(*),
                      count(*) FILTER (WHERE due_at <= now() + interval '1 minute')
                 FROM queue GROUP BY 1, 2"""
        )
        return {(held, topic): (number, due) for held, topic, number, due in found}


def told(at: AppTest) -> str:
    kinds = ("markdown", "caption", "error")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind)).replace("\\", "")


@pytest.mark.usefixtures("reading")
def test_nothing_is_held_before_something_is(open_page: Open):
    assert "Nothing is held" in told(open_page("held", "viewer"))


def test_tells_what_waits_what_for_and_when(reading: str, open_page: Open):
    hold(reading, 3, "quiet_hours")
    hold(reading, 2, "not_before")
    at, found, bins = data.held()
    assert [(line.held_for, line.topic, line.rows) for line in found] == [
        ("quiet_hours", "news", 3), ("not_before", "news", 2),
    ]  # fmt: skip
    assert all(line.first and line.first > at for line in found)
    assert sum(one.rows for one in bins) == 5
    page = open_page("held", "viewer")
    assert not page.exception
    assert "5 held in all" in told(page).replace("*", "")


def test_an_operator_releases_once_and_the_audit_says_what(reading: str, person: Make):
    hold(reading, 30, "not_before")
    hold(reading, 4, "not_before", topic="other")
    hold(reading, 4, "quiet_hours")
    line = next(line for line in data.held()[1] if (line.held_for, line.rows) == ("not_before", 30))
    operator = person("operator")
    assert list(ruling.release(operator, line))[-1] == 30
    assert lines(reading) == {
        ("", "news"): (30, 30),
        ("not_before", "other"): (4, 0),
        ("quiet_hours", "news"): (4, 0),
    }
    entries = data.audit()
    assert {entry.action for entry in entries} == {"released what was held"}
    assert entries[0].detail == {"held_for": "not_before", "topic": "news", "channel": "email"}
    assert list(ruling.release(operator, line))[-1] == 0, "the same click twice"
    assert len(data.audit()) == len(entries)


@pytest.mark.parametrize("reason", sorted(set(Hold) - ruling.RELEASABLE))
def test_what_rules_and_switches_hold_is_not_released_by_hand(
    reading: str, person: Make, reason: str
):
    hold(reading, 1, reason)
    [line] = data.held()[1]
    with pytest.raises(actions.RefusedError, match="where it is held"):
        list(ruling.release(person("operator"), line))
    assert lines(reading) == {(reason, "news"): (1, 0)}


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR, Role.ADMIN}))
def test_only_operators_release(person: Make, role: str):
    line = HeldLine("not_before", "news", "email", 1, None, None)
    with pytest.raises(actions.NotAllowedError):
        list(ruling.release(person(role), line))


@pytest.mark.parametrize("reason", Hold)
def test_for_everything_it_says_what_lets_it_go(reason: Hold):
    assert way(reason).endswith(".")


def test_what_waits_for_ever_has_no_last_moment(reading: str):
    hold(reading, 1, "previous_step")
    with psycopg.connect(reading) as connection:
        connection.execute("UPDATE queue SET due_at = 'infinity'")
    [line] = data.held()[1]
    assert (line.first, line.last) == (None, None)
    assert data.held()[2] == []
