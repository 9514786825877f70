"""The page Campaigns: written, reviewed, launched once, stopped, reported, by whoever may."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import campaigning
from dashboard.data import database
from dashboard.reading import campaigns as reading
from delivery.campaigns.basis import Basis
from delivery.campaigns.forecast import Forecast, as_document
from models.queries.campaigns import campaigns
from models.queries.configuring import catalog
from models.records import Class, Step, Topic
from models.states import CampaignState, DeliveryState
from tests.factories import rows

Open = Callable[..., AppTest]
Make = Callable[..., UUID]

SPRING: dict[str, Any] = {
    "key": "spring", "title": "Spring release", "topic": "news", "recipients": ["anna", "bo"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def topic(reading: str) -> None:
    news = Topic(
        key="news", title="News", category="news", klass=Class.PROMOTIONAL,
        steps=(Step("in_app", "in_app", None),),
    )  # fmt: skip
    with rows(reading) as make:
        make.recipient("anna")
        make.recipient("bo")
    with database().begin() as tx:
        for statement in catalog.save_topic(news, database().now()):
            tx.run(statement)


@pytest.fixture
def author(person: Make) -> UUID:
    who = person("author")
    campaigning.save(who, SPRING, None)
    return who


def told(at: AppTest) -> str:
    assert not at.exception, at.exception
    kinds = (at.markdown, at.caption, at.error, at.subheader)
    return " ".join(str(each.value) for kind in kinds for each in kind).replace("\\", "")


def keys(at: AppTest) -> set[str]:
    return {str(button.key) for button in at.button}


def state() -> CampaignState:
    found = reading.line("spring")
    assert found is not None
    return found.campaign.state


def test_one_is_written_by_fields_and_kept_as_a_draft(open_page: Open):
    at = open_page("campaigns", "author")
    assert not at.exception
    at.button(key="campaign_add").click().run()
    assert at.button(key="campaign_keep").disabled
    at.selectbox(key="camp_topic_1").set_value("news").run()
    at.text_input(key="camp_recipients_2").set_value("anna, bo").run()
    at.text_input(key="camp_conversion_3").set_value("upgraded").run()
    assert "Is for the conversion upgraded" in told(at)
    at.button(key="campaign_keep").click().run()
    found = reading.line("my-campaign")
    assert found is not None
    assert found.campaign.state is CampaignState.DRAFT
    assert found.campaign.document["recipients"] == ["anna", "bo"]
    assert "Review" in told(at)


@pytest.mark.usefixtures("author")
def test_faults_are_told_by_line_and_nothing_can_be_saved(open_page: Open):
    at = open_page("campaigns", "author", campaign="spring")
    at.button(key="campaign_edit").click().run()
    at.text_area[0].set_value('key = "spring"\ntitle = "S"\ntopic = "fax"\n').run()
    assert "Line 3" in told(at)
    assert at.button(key="campaign_keep").disabled
    at.text_area[0].set_value("[schedule]\nper_minute = true\nrecipients = 3\n").run()
    assert at.button(key="campaign_keep").disabled
    at.text_area[0].set_value("recipients = 'anna'\n").run()
    assert "The fields cannot show this" in told(at)


@pytest.mark.usefixtures("author")
def test_a_draft_is_reviewed_launched_and_taken_back(open_page: Open):
    at = open_page("campaigns", "author", campaign="spring")
    assert "Goes to 2 recipients as news of news." in told(at)
    at.button(key="campaign_launch").click().run()
    assert state() is CampaignState.SCHEDULED
    assert {"campaign_undo_spring", "campaign_pause_spring", "campaign_cancel_spring"} <= keys(at)
    assert "left to take it back" in told(at)
    at.button(key="campaign_undo_spring").click().run()
    assert state() is CampaignState.DRAFT


def test_two_clicks_launch_once(author: UUID):
    campaigning.launch(author, "spring")
    with pytest.raises(RefusedError, match="only what is draft"):
        campaigning.launch(author, "spring")
    found = reading.line("spring")
    assert found is not None
    assert [run.number for run in found.runs] == [1]


def test_the_list_has_it_with_its_progress(author: UUID, open_page: Open):
    campaigning.launch(author, "spring")
    at = open_page("campaigns", "operator")
    assert list(at.dataframe[0].value["key"]) == ["spring"]
    assert list(at.dataframe[0].value["who"]) == ["2 listed"]
    assert "campaign_pause_spring" in keys(at)
    assert "campaign_undo_spring" not in keys(at)
    campaigning.pause(author, "spring", "A mistake in the title")
    at.run()
    assert "A mistake in the title" in told(at)
    at.button(key="campaign_resume_spring").click().run()
    assert state() is CampaignState.RUNNING
    at = open_page("campaigns", "viewer", campaign="spring")
    assert "Nothing was handed over yet" in told(at)


def test_the_report_leads_to_the_deliveries_behind_it(author: UUID, open_page: Open, reading: str):
    campaigning.launch(author, "spring")
    with rows(reading) as make:
        make.delivery("anna", campaign="spring", cohort="1/first/", state="delivered")
        make.delivery(
            "bo", campaign="spring", cohort="1/first/", state="skipped", reason="opted_out"
        )
        make.delivery("carla")
        make.moves("delivered", 1, campaign="spring", cohort="1/first/")
        make.moves("skipped", 1, campaign="spring", cohort="1/first/", reason="opted_out")
    at = open_page("campaigns", "viewer", campaign="spring")
    assert not at.exception
    assert {tile.label: tile.value for tile in at.metric}["Handed over"] == "1"
    said = [str(link.proto.label).replace("\\", "") for link in at.get("page_link")]
    assert any("1 · Skipped: The recipient turned this category off" in one for one in said)

    at = open_page(
        "deliveries", "viewer", of_campaign="spring", of_run="1", state="Skipped", since="all"
    )
    assert list(at.dataframe[0].value["recipient"]) == ["bo"]


@pytest.mark.usefixtures("author")
def test_whoever_may_not_sees_no_way_to(open_page: Open, person: Make):
    at = open_page("campaigns", "viewer", campaign="spring")
    assert "You may not launch it" in told(at)
    assert not keys(at) & {"campaign_launch", "campaign_edit", "campaign_cancel_spring"}
    with pytest.raises(NotAllowedError):
        campaigning.launch(person("viewer"), "spring")


def test_a_stale_save_and_a_draft_that_fits_no_more_are_refused(author: UUID, open_page: Open):
    campaigning.save(author, {**SPRING, "title": "Other"}, 1)
    with pytest.raises(RefusedError, match="changed it meanwhile"):
        campaigning.save(author, SPRING, 1)
    at = open_page("campaigns", "author", campaign="nothing")
    assert "There is no campaign nothing" in told(at)


@pytest.mark.usefixtures("author")
def test_a_clone_is_a_new_draft(open_page: Open):
    at = open_page("campaigns", "author", campaign="spring")
    at.button(key="campaign_content_copy").click().run()
    at.button(key="campaign_keep").click().run()
    assert {line.campaign.key for line in reading.lines()} == {"spring", "spring-copy"}


@pytest.mark.usefixtures("author")
def test_what_a_pre_flight_foretold_stands_with_the_draft(open_page: Open):
    assert "tidings campaigns preflight spring" in told(
        open_page("campaigns", "viewer", campaign="spring")
    )
    at = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    found = Forecast(1, at, Basis(1, None, {}), audience=3, ends_at=at)
    found.left_out["holdout"] = 1
    found.outcomes[DeliveryState.SENT, ""] = 40
    found.outcomes[DeliveryState.SKIPPED, "opted_out"] = 7
    found.hours.update({at: 30, at + timedelta(hours=1): 10})
    with database().begin() as tx:
        tx.run(campaigns.foretold("spring", as_document(found)))

    page = open_page("campaigns", "viewer", campaign="spring")

    assert "**3** people, **40** messages go" in told(page)
    assert "7 · Skipped: " in told(page)
    assert "1 · Left out: " in told(page)
    assert page.get("vega_lite_chart")


def test_a_pre_flight_is_asked_for_once_watched_and_stopped(open_page: Open, author: UUID):
    at = open_page("campaigns", "author", campaign="spring")
    at.button(key="campaign_foretell").click().run()
    assert "campaign_stop_foretelling" in keys(at)
    assert "campaign_foretell" not in keys(at)
    campaigning.foretell(author, "spring")
    at.button(key="campaign_stop_foretelling").click().run()
    assert "campaign_foretell" in keys(at)
    at = open_page("campaigns", "viewer", campaign="spring")
    assert "campaign_foretell" not in keys(at)


def test_nothing_is_foretold_of_what_is_over(author: UUID):
    campaigning.launch(author, "spring")
    campaigning.cancel(author, "spring", "A mistake")
    with pytest.raises(RefusedError, match="nothing of it is still to begin"):
        campaigning.foretell(author, "spring")


def test_a_forecast_is_stale_once_the_draft_changed(open_page: Open, author: UUID):
    now = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    with database().begin() as tx:
        made = as_document(Forecast(1, now, Basis(1, None, {})))
        tx.run(campaigns.foretold("spring", made))
    assert not open_page("campaigns", "viewer", campaign="spring").warning
    campaigning.save(author, {**SPRING, "title": "Summer"}, 1)
    at = open_page("campaigns", "viewer", campaign="spring")
    assert "its document changed since" in at.warning[0].value
