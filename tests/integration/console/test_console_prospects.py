"""What would happen to somebody now, on the page Recipient."""

from collections.abc import Callable

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.changing import switching
from dashboard.reading import prospects
from delivery.verdicts import Keep, SkipBecause
from models.people import Role
from models.reasons import Skip

Open = Callable[..., AppTest]
pytestmark = pytest.mark.usefixtures("day")


def counts(url: str) -> list[tuple[int, ...]]:
    tables = ("deliveries", "queue", "ledger", "outbox", "events", "inbox", "audit")
    with psycopg.connect(url) as connection:
        parts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
        return connection.execute(f"SELECT {parts}").fetchall()


def test_each_step_is_decided_over_what_is_kept_and_nothing_is_written(module_url: str):
    before = counts(module_url)
    bo, nobody = prospects.outlook("bo", "page.edited"), prospects.outlook("nobody", "page.edited")
    assert bo
    assert nobody
    feed, mail = bo.prospects
    assert (feed.step.channel, isinstance(feed.verdict, Keep)) == ("in_app", True)
    assert isinstance(mail.verdict, SkipBecause), "bo chose not to get these by mail"
    assert {one.verdict for one in nobody.prospects} == {SkipBecause(Skip.UNKNOWN_RECIPIENT)}
    assert prospects.outlook("bo", "nothing") is None
    assert counts(module_url) == before


def test_the_page_tells_each_step_with_its_checks(open_page: Open):
    at = open_page("recipient", "viewer", id="bo")
    at.session_state["recipient_tabs"] = "What if"
    at.session_state["what_if_topic"] = "page.edited"
    at.run()
    assert not at.exception
    said = "\n".join(str(each.value) for each in at.markdown).replace("\\", "")
    assert ":green-badge[Would go now] **In-app**" in said
    assert ":gray-badge[Would not go] **E-mail**" in said


def test_a_kill_switch_is_told(person: Callable[..., object]):
    operator = person(Role.OPERATOR)
    switching.set_(operator, "topic:page.edited", "trouble")
    found = prospects.outlook("anna", "page.edited")
    switching.lift(operator, "topic:page.edited")
    assert found
    assert found.stopped == {"in_app", "email"}
