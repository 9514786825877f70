"""The pages, run as Streamlit runs them but without a server."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data, settings
from dashboard.files import HERE
from dashboard.reading import outbox as reading_outbox
from dashboard.showing.words import number
from models.catalog import Source
from models.outbox import SourceStanding
from models.people import Role
from models.readings.events import COUNTED
from tests.factories import Made, rows
from tests.integration.console.conftest import turn_to, user

Open = Callable[..., AppTest]
PAGES = (
    "", "deliveries", "doubt", "dead_letters", "providers", "recipient", "templates", "outbox",
    "people", "rules", "held", "topics", "domains", "reputation", "calendar",
)  # fmt: skip


def texts(at: AppTest) -> str:
    """All that is written on a page, as people read it."""
    kinds = ("markdown", "caption", "title", "subheader", "error", "code", "text", "warning")
    said = "\n".join(str(element.value) for kind in kinds for element in at.get(kind))
    return said.replace("\\", "")


def links(at: AppTest) -> list[tuple[str, str]]:
    return [(link.proto.page, link.proto.query_string) for link in at.get("page_link")]


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize("page", PAGES)
def test_an_empty_installation_says_what_to_do(open_page: Open, page: str):
    at = open_page(page)

    assert not at.exception
    assert not at.error


@pytest.mark.usefixtures("reading")
def test_the_outbox_tells_how_far_sources_of_their_own_are_behind(
    open_page: Open, database_url: str
):
    with rows(database_url) as make:
        sources = {name: make.uuid() for name in ("shop", "away", "quiet", "new", "lost")}
        for name, source in sources.items():
            make.add(
                Source, source=source, name=name, url="postgresql://elsewhere/x", enabled=True,
                created_at=make.now,
            )  # fmt: skip
        ago = make.now - timedelta(minutes=5)
        for name, seen in {
            "shop": {"rows": 1204, "oldest": ago},
            "away": {"rows": 3, "oldest": ago, "problem": "connection refused"},
            "quiet": {"rows": 0},
            "lost": {"rows": COUNTED, "oldest": ago, "looked_at": ago},
        }.items():
            default = {"source": sources[name], "looked_at": make.now}
            make.add(SourceStanding, **{**default, **seen})

    said = texts(open_page("outbox"))

    assert f"{number(1204)} rows wait, the oldest for 5 min" in said
    assert "Out of reach: connection refused" in said.replace("[", "").replace("]", "")
    assert "Nothing waits: every row was read." in said
    assert "no worker has looked there yet" in said
    assert "No worker has looked there for 5 min" in said
    assert f"{number(COUNTED)} or more rows wait" in said


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_a_day(open_page: Open, page: str):
    at = open_page(page)

    assert not at.exception
    assert not at.error


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize("role", list(Role))
def test_a_page_is_there_for_those_who_may_see_it(open_page: Open, role: Role):
    at = open_page("people", role)

    title = "People" if role is Role.ADMIN else "Overview"
    assert [each.value for each in at.title] == [title]


@pytest.mark.usefixtures("day")
def test_without_a_role_there_is_nothing(open_page: Open):
    at = open_page("", "")

    assert "no role" in texts(at).lower()
    assert not at.title


@pytest.mark.usefixtures("day")
def test_a_closed_person_sees_nothing(person: Callable[..., UUID]):
    at = AppTest.from_file(str(HERE / "console.py"), default_timeout=60)
    at.user = user(person("admin", active=False))
    at.run()

    assert "access was closed" in at.error[0].value
    assert not at.title


@pytest.mark.usefixtures("day")
def test_the_tiles_count_what_happened(open_page: Open):
    at = open_page("")
    values = {metric.label: metric.value for metric in at.metric}

    assert values["In the queue"] == str(data.queue().depth)
    assert values["Held"] == "60"
    assert values["In doubt"] == "1"


@pytest.mark.usefixtures("day")
def test_each_number_links_to_its_list(open_page: Open):
    found = links(open_page(""))

    assert ("doubt", "") in found
    assert ("deliveries", "state=Failed&since=1h&reason=Rendering") in found


@pytest.mark.usefixtures("day")
def test_a_filter_comes_from_the_url(open_page: Open):
    at = open_page("deliveries", state=["Failed", "In doubt"])

    shown = {chip for chips in at.dataframe[0].value["state"] for chip in chips}
    assert shown == {"Failed", "In doubt"}


@pytest.mark.usefixtures("day")
def test_pages_of_a_list_follow_each_other(open_page: Open):
    at = open_page("deliveries")
    first = at.dataframe[0].value
    button = next(button for button in at.button if button.label == "Older")
    button.click().run()
    second = at.dataframe[0].value

    assert len(first) == 50
    assert second["created"].max() <= first["created"].min()
    assert "before" in at.query_params


def test_a_deep_link_opens_a_delivery(open_page: Open, day: Made):
    at = open_page("deliveries", delivery=str(day.id))
    said = texts(at)

    assert str(day.id) in at.table[0].value.to_string()
    assert "Nobody is notified of their own doing." in said
    assert "Hash agrees" in said


def test_the_drawer_tells_of_the_digest_that_a_delivery_waits_in(open_page: Open, day: Made):
    with psycopg.connect(settings.database_url()) as connection:
        connection.execute(
            """
            INSERT INTO digests (bucket, digest_id, recipient_id, topic, class, channel, step,
                                 grouped, kind, test, opened_by, opened_at, closes_at, latest_at,
                                 members)
            SELECT bucket, event_id, recipient_id, topic, class, channel, step, '', 'fixed', test,
                   delivery_id, created_at, created_at, created_at, 1
              FROM deliveries WHERE delivery_id = %s
            """,
            (day.id,),
        )
        connection.execute(
            """
            INSERT INTO digest_members (bucket, delivery_id, digest_id, day, event_id, lane,
                                        attempt, created_at, collected_at)
            SELECT bucket, delivery_id, event_id, day, event_id, 80, 0, created_at, created_at
              FROM deliveries WHERE delivery_id = %s
            """,
            (day.id,),
        )
    assert "It collects, and closes" in texts(open_page("deliveries", delivery=str(day.id)))


@pytest.mark.usefixtures("day")
def test_a_click_on_a_row_opens_its_delivery(open_page: Open):
    at = open_page("deliveries", state="Failed")
    at.session_state["deliveries_table"] = {
        "selection": {"rows": [], "columns": [], "cells": [[0, "topic"]]}
    }
    at.run()

    assert "'data.wiki' is missing" in texts(at)
    assert at.query_params["delivery"]


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize("identifier", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_link_to_no_delivery_says_so(open_page: Open, identifier: str):
    at = open_page("deliveries", delivery=identifier)

    assert not at.exception
    assert "Nothing is known of a delivery" in texts(at)


@pytest.mark.usefixtures("day")
def test_a_sensitive_topic_is_masked(open_page: Open):
    (line,) = data.deliveries(data.Wanted(topic="login.code"))
    delivery = open_page("deliveries", delivery=str(line.delivery_id))
    report = data.report(line.delivery_id)

    assert "This topic is sensitive" in texts(delivery)
    assert report
    assert report.event
    with rows(settings.database_url()) as make:
        event = make.event("login.code", data={"code": "123456"})
    outbox = turn_to(delivery, "outbox", event=str(event))
    assert "123456" not in texts(outbox) + str([each.value for each in outbox.get("json")])
    assert "this topic is sensitive" in texts(outbox)


@pytest.mark.parametrize(("role", "shown"), [("viewer", False), ("engineer", True)])
@pytest.mark.usefixtures("day")
def test_addresses_are_shown_in_full_to_engineers_only(open_page: Open, role: str, *, shown: bool):
    said = texts(open_page("recipient", role, id="anna"))

    assert ("anna@example.com" in said) is shown
    assert ("a•••@example.com" in said) is not shown


@pytest.mark.usefixtures("day")
def test_a_suppressed_address_says_why_and_who(open_page: Open):
    said = texts(open_page("recipient", id="hugo"))

    assert "Address refused, said by bounce" in said


@pytest.mark.usefixtures("day")
def test_an_unknown_recipient_says_what_to_do(open_page: Open):
    assert "/v1/recipients/nobody" in texts(open_page("recipient", id="nobody"))


@pytest.mark.usefixtures("day")
def test_a_template_is_filled_with_its_topics_example(open_page: Open):
    at = open_page("templates", template="board-shared")

    assert "KB of 102 KB" in texts(at)
    assert "Version 3 is live" in texts(at)
    assert ":material/topic: board" in texts(at)


def written(at: AppTest, key: str, text: str) -> AppTest:
    """The page after somebody wrote in an editor."""
    at.session_state[key] = {"text": {"text": text, "revision": 0}}
    return at.run()


DATA = "stand_data_board-shared_und_board.shared: event 1"


@pytest.mark.usefixtures("day")
def test_data_that_lacks_something_names_the_line(open_page: Open):
    at = written(open_page("templates", template="board-shared"), DATA, '{"actor": "Mark"}')

    [*problems] = [one.label for one in at.button if one.key and one.key.startswith("problem_")]
    assert any("'data.board' is missing" in label.replace("\\", "") for label in problems)
    assert all("ine " in label for label in problems)


@pytest.mark.usefixtures("day")
def test_data_that_is_no_json_says_so_in_place(open_page: Open):
    at = written(open_page("templates", template="board-shared"), DATA, "{\n")

    assert "Line 2: not JSON" in texts(at)


@pytest.mark.usefixtures("day")
def test_a_rejected_event_says_why(open_page: Open):
    (event, *_) = reading_outbox.rejected(data.now() - timedelta(hours=1))

    said = texts(open_page("outbox", event=str(event.event_id)))

    assert "There is no topic 'page.edit'." in said
