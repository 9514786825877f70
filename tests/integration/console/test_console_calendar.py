"""The page Calendar: the days of campaigns, by team and zone, opened by whoever may see them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.data import database
from models.queries.campaigns import campaigns

Open = Callable[..., AppTest]


@pytest.fixture
def planned(reading: str) -> str:
    """Two campaigns for one audience on one day, of different teams; its first day."""
    del reading
    now = database().now()
    noon = (now + timedelta(days=40)).replace(hour=12, minute=0, second=0, microsecond=0)
    with database().begin() as tx:
        for key, team, after in (("spring", "growth", 0), ("summer", None, 5)):
            at = (noon + timedelta(hours=after)).isoformat()
            document: dict[str, Any] = {
                "key": key, "title": f"{key.title()} <b>", "topic": "news", "team": team,
                "audience": "everybody", "steps": [{"key": "first"}], "schedule": {"at": at},
            }  # fmt: skip
            tx.run(campaigns.add(document, "ada", now))
    return noon.date().isoformat()


def html(at: AppTest) -> str:
    assert not at.exception, at.exception
    return next(str(one.proto.body) for one in at.get("html") if "calendar" in one.proto.body)


def test_it_has_what_goes_out_and_whom_it_hits_twice(open_page: Open, planned: str):
    at = open_page("calendar", "viewer", **{"from": planned, "span": "Week", "zone": "UTC"})
    assert "<time>12:00</time> Spring &lt;b&gt; (draft)" in html(at)
    assert "Summer" in html(at)
    assert len(at.warning) == 1
    assert list(at.dataframe[0].value["audience"]) == ["everybody", "everybody"]


def test_of_one_team_it_has_only_that_teams(open_page: Open, planned: str):
    at = open_page("calendar", "viewer", **{"from": planned, "team": "growth", "zone": "UTC"})
    assert "Spring" in html(at)
    assert "Summer" not in html(at)
    assert len(at.warning) == 1, "whom another team hits too is told"


def test_another_zone_has_other_hours(open_page: Open, planned: str):
    at = open_page("calendar", "viewer", **{"from": planned, "zone": "Asia/Tokyo"})
    assert "<time>21:00</time>" in html(at)


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("asked", [{"from": "soon"}, {"zone": "Nowhere"}, {"span": "Year"}])
def test_what_a_url_says_wrong_is_as_if_it_said_nothing(open_page: Open, asked: dict[str, str]):
    at = open_page("calendar", "viewer", **asked)
    assert "<table" in html(at)
    assert "Nothing goes out" in " ".join(str(one.value) for one in at.caption)


def test_earlier_and_later_step_by_what_is_drawn(open_page: Open, planned: str):
    at = open_page("calendar", "viewer", **{"from": planned, "span": "Week", "zone": "UTC"})
    at.button(key="calendar_arrow_forward").click().run()
    assert "Spring" not in html(at)
    at.button(key="calendar_arrow_back").click().run()
    assert "Spring" in html(at)
