"""The page Reputation: what it says where much, little and nothing is known, and what people do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions, data
from dashboard.changing import repute
from delivery.reputation.rates import LINES, rates
from delivery.reputation.trust import after, fresh
from models import accounts
from models.queries.configuring import catalog
from models.queries.keeping import reputations
from models.records import Class, Counts, Topic, Window
from tests.factories import rows

Make = Callable[..., UUID]
Open = Callable[..., AppTest]
GOOGLE, NEWS = "destination:example.com/google", "topic:news"
BAD = Counts(sent=1000, audience=1000, dead=200)


@pytest.fixture
def judged(reading: str) -> str:
    """A flood at Gmail, a topic of which nobody tells, a new domain."""
    database = data.database()
    now = database.now()
    found = {GOOGLE: BAD, NEWS: Counts(sent=50)}
    judged = [
        after(fresh(scope, now), rates(scope, {Window.DAY: counts}, LINES), now)
        for scope, counts in found.items()
    ]
    with database.begin() as tx:
        for query in catalog.save_topic(Topic("news", "News", "news", Class.PROMOTIONAL, ()), now):
            tx.run(query)
        tx.run(reputations.make(found, now))
        tx.run(reputations.write(judged))
        hour = now.replace(minute=0, second=0, microsecond=0)
        tx.run(reputations.write_hours({(GOOGLE, hour): BAD}))
    with rows(reading) as make:
        make.add(accounts.WarmUp, domain="example.com", first_day=now.date() - timedelta(days=2))
        make.add(accounts.WarmUpDay, domain="example.com", day=now.date(), used=12)
    return reading


def told(at: AppTest) -> str:
    kinds = ("markdown", "caption", "subheader")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind)).replace("\\", "")


def cell(at: AppTest, table: int, column: str) -> list[Any]:
    return list(at.dataframe[table].value[column])


def test_without_mail_it_says_what_comes_next(reading: str, open_page: Open):  # noqa: ARG001
    assert "Nothing was counted in a week" in told(open_page("reputation", "viewer"))


def test_shows_what_is_paused_with_figures_and_what_to_do(judged: str, open_page: Open):  # noqa: ARG001
    at = open_page("reputation", "viewer")
    said = told(at)
    for expected in (
        "Paused", "example.com to google", "200 of 1000 mails in 24 hours came back for good, 20 %",
        "a trial begins in", "take them out", "12 of 138 today (UTC)",
    ):  # fmt: skip
        assert expected in said
    assert (cell(at, 0, "scope"), cell(at, 0, "bounces")) == (["google"], ["20 %"])
    assert cell(at, 0, "complaints") == ["tells of none"]
    assert cell(at, 0, "course")[0][-1] == 0.2
    assert cell(at, 1, "scope") == ["topic news"]
    assert {cell(at, 1, column)[0] for column in ("bounces", "complaints", "policy")} == {
        "no delivery feedback"
    }
    assert [button.label for button in at.button] == [], "a viewer changes nothing"


def test_a_link_opens_one_scope_with_all_its_rates(judged: str, open_page: Open):  # noqa: ARG001
    at = open_page("reputation", "viewer", scope=GOOGLE)
    assert "Promotional mail waits." in told(at)
    assert set(cell(at, 2, "counted")) == {"200 of 1000", "0 of 1000"}


def test_an_operator_lets_go_and_holds_with_a_reason(judged: str, open_page: Open, person: Make):  # noqa: ARG001
    operator = person("operator")
    with pytest.raises(actions.RefusedError, match="Give a reason"):
        repute.lift(operator, GOOGLE, " ")
    with pytest.raises(actions.RefusedError, match="topic:news is not paused"):
        repute.lift(operator, NEWS, "why")
    with pytest.raises(actions.RefusedError, match="is no scope: write domain:…"):
        repute.hold(operator, "news", "why")
    with pytest.raises(actions.RefusedError, match="there is no topic newz"):
        repute.hold(operator, "topic:newz", "why")
    with pytest.raises(actions.NotAllowedError):
        repute.hold(person("author"), NEWS, "why")
    repute.lift(operator, GOOGLE, " list cleaned ")
    repute.hold(operator, NEWS, "under review")
    at = open_page("reputation", "operator")
    said = told(at)
    assert "under review" in said
    assert "until somebody lets it go" in said
    assert {button.label for button in at.button} == {"Hold something", "Let it go"}
    entries = [(entry.action, entry.subject, entry.why) for entry in data.audit()]
    assert entries == [
        ("held a reputation", NEWS, "under review"),
        ("lifted a reputation's pause", GOOGLE, "list cleaned"),
    ]


def test_the_overview_says_that_mail_is_paused(judged: str, open_page: Open):  # noqa: ARG001
    assert "Promotional mail is paused: example.com to google" in told(open_page("overview"))
