"""The page Campaigns: written, reviewed, launched once, stopped, reported, by whoever may."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import campaigning, filing, switching
from dashboard.components.campaigns import listing, samples
from dashboard.data import audit, database
from dashboard.reading import campaigns as reading
from dashboard.reading.filling import Filler
from delivery.campaigns.basis import Basis
from delivery.campaigns.forecast import Forecast, as_document
from models.queries.campaigns import campaigns
from models.queries.configuring import catalog, templates
from models.records import Class, Step, TemplateVersion, Topic
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


def next_(at: AppTest) -> None:
    at.button(key="campaign_next").click().run()


def saved(key: str = "spring") -> dict[str, Any]:
    found = reading.line(key)
    assert found is not None
    return dict(found.campaign.document)


def test_one_is_written_step_by_step_and_kept_at_each(open_page: Open):
    at = open_page("campaigns", "author")
    at.button(key="campaign_add").click().run()
    next_(at)
    assert "Give it a title" in told(at)
    assert reading.lines() == []
    at.text_input(key="camp_title_1").set_value("My spring").run()
    at.selectbox(key="camp_topic_1").set_value("news").run()
    assert dict(at.query_params)["title"] == "My spring"  # what a reload begins with
    next_(at)
    assert saved("my-spring")["topic"] == "news"
    assert "Who: say who gets it" in told(at)
    at.radio(key="camp_to_1").set_value("Listed people").run()
    at.text_area(key="camp_recipients_1").set_value("anna\nbo\n").run()
    assert saved("my-spring")["recipients"] == ["anna", "bo"]
    next_(at)
    at.text_input(key="camp_schedule_over_1").set_value("soon").run()
    next_(at)
    assert "Mend what is marked first" in told(at)
    at.text_input(key="camp_schedule_over_1").set_value("2 h").run()
    assert saved("my-spring")["schedule"] == {"over": "2 hours"}


@pytest.mark.usefixtures("author")
def test_the_last_steps_lead_to_the_launch(open_page: Open):
    at = open_page("campaigns", "author", campaign="spring", step="how")
    at.text_input(key="camp_goal_conversion_1").set_value("upgraded").run()
    at.button(key="camp_add_variants_1").click().run()
    assert "Is for the conversion upgraded" in told(at)
    assert [one["key"] for one in saved()["variants"]] == ["a"]
    next_(at)
    assert "Review" in told(at)
    assert not at.button(key="campaign_launch").disabled
    at.button(key="campaign_back").click().run()
    assert at.query_params["step"] == "how"


def test_what_recurs_says_its_next_moments(author: UUID, open_page: Open):
    at = open_page("campaigns", "author", campaign="spring", step="when")
    at.selectbox(key="camp_when_1").set_value("cron").run()
    assert told(at).count(":00:00") >= 5
    assert saved()["schedule"]["cron"] == "0 9 * * mon"
    at.text_input(key="camp_schedule_cron_1").set_value("every day").run()
    assert "write minute, hour, day of month" in told(at)
    at.selectbox(key="camp_when_1").set_value("at").run()
    assert "cron" not in saved()["schedule"]
    assert author


@pytest.mark.usefixtures("author")
def test_toml_is_another_way_and_its_faults_are_told_by_line(open_page: Open):
    at = open_page("campaigns", "author", campaign="spring", step="who")
    [text] = [one for one in at.text_area if one.label == "Campaign, as TOML"]
    text.set_value('key = "spring"\ntitle = "S"\ntopic = "no such"\n').run()
    assert "Line 3" in told(at)
    [text] = [one for one in at.text_area if one.label == "Campaign, as TOML"]
    text.set_value('key = "spring"\ntitle = "S"\ntopic = "fax"\n').run()
    at.button(key="campaign_take").click().run()
    assert saved()["topic"] == "fax"
    assert "there is no topic fax" in told(at)
    at = open_page("campaigns", "author", campaign="spring", step="review")
    assert at.button(key="campaign_launch").disabled


def test_whoever_saves_second_is_shown_both(author: UUID, open_page: Open):
    at = open_page("campaigns", "author", campaign="spring", step="what")
    at.text_input(key="camp_title_1").set_value("Mine").run()
    assert saved()["title"] == "Mine"
    campaigning.save(author, {**SPRING, "title": "Theirs"}, 2)
    at.run()
    assert at.text_input(key="camp_title_2").value == "Theirs"  # mine was kept: it gives way
    at.session_state["campaign_sheet"] = replace(
        at.session_state["campaign_sheet"], document={**SPRING, "title": "Unkept"}
    )
    campaigning.save(author, {**SPRING, "title": "Theirs again"}, 3)
    at.run()
    assert "Unkept" in str([each.value for each in at.code])
    at.button(key="campaign_yours").click().run()
    assert saved()["title"] == "Unkept"


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
    with pytest.raises(RefusedError, match="It is scheduled: clone it"):
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


def test_every_campaign_of_the_list_has_its_buttons(author: UUID, open_page: Open):
    for number in range(listing.AT_ONCE):
        campaigning.save(author, {**SPRING, "key": f"c{number}"}, None)
    campaigning.cancel(author, "spring", "No longer wanted")
    at = open_page("campaigns", "author", part="9")
    assert "1 to 10 of 11" in told(at)
    assert {"campaign_start_c0", "campaign_cancel_c9"} <= keys(at)
    assert "campaign_clone_spring" not in keys(at)
    at = open_page("campaigns", "author", part="2")
    assert "campaign_clone_spring" in keys(at)
    assert "campaign_clone_c0" not in keys(at)


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
    at = open_page("campaigns", "viewer", campaign="spring", step="what")
    assert "You may not launch it" in told(at)
    assert at.button(key="campaign_launch").disabled
    assert not keys(at) & {"campaign_next", "campaign_edit", "campaign_cancel_spring"}
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
    for role in ("author", "admin"):
        at = open_page("campaigns", role)
        at.button(key="campaign_clone_spring").click().run()
        assert at.query_params["step"] == "what"
    assert {line.campaign.key for line in reading.lines()} == {
        "spring", "spring-copy", "spring-copy-2",
    }  # fmt: skip


def test_files_are_kept_named_and_removed_when_nothing_needs_them(author: UUID, open_page: Open):
    for _ in range(2):
        filing.add(author, None, "flyer", "flyer.pdf", b"%PDF")
    with pytest.raises(RefusedError, match="Another file has the key flyer"):
        filing.add(author, None, "flyer", "flyer.pdf", b"other")
    with pytest.raises(RefusedError, match="mails carry no such files"):
        filing.add(author, None, "tool", "tool.exe", b"MZ")
    at = open_page("campaigns", "author", campaign="spring", step="what")
    at.multiselect(key="camp_attachments_1").set_value(["flyer"]).run()
    assert saved()["attachments"] == ["flyer"]
    assert "Its mails carry flyer." in told(at)
    at.button(key="campaign_files").click().run()
    assert not at.exception
    assert list(at.dataframe[-1].value["Used by"]) == ["campaign spring"]
    with pytest.raises(RefusedError, match="campaign spring names it"):
        filing.remove(author, None, "flyer")
    campaigning.save(author, SPRING, 2)
    filing.remove(author, None, "flyer")
    with pytest.raises(RefusedError, match="There is no file flyer"):
        filing.remove(author, None, "flyer")
    did = [entry.action for entry in audit() if entry.subject == "flyer"]
    assert did == ["removed a file", "added a file"]


def test_a_kill_switch_stands_in_the_way(author: UUID, person: Make):
    switching.set_(person("operator"), "topic:news", "Wrong price")
    with pytest.raises(RefusedError, match="Kill switch topic:news is on"):
        campaigning.launch(author, "spring")
    with pytest.raises(RefusedError, match="Kill switch topic:news is on"):
        campaigning.ask(author, "spring", "please")
    assert state() is CampaignState.DRAFT


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


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A filler that may take its time to start."""
    started = Filler(patience=60)
    monkeypatch.setattr(samples, "filler", lambda: started)
    yield
    started.close()


@pytest.mark.usefixtures("author", "patient")
def test_samples_are_filled_and_who_could_not_get_it_is_told(open_page: Open):
    words = TemplateVersion("hello", 1, "in_app", "Hello", "{{ recipient.name }}\n{{ data.board }}")
    news = Topic(
        key="news", title="News", category="news", klass=Class.PROMOTIONAL,
        steps=(Step("in_app", "in_app", "hello"),),
    )  # fmt: skip
    with database().begin() as tx:
        tx.follow(templates.save_version(words, "Hello", "ada", database().now()))
        for statement in catalog.save_topic(news, database().now()):
            tx.run(statement)
    at = open_page("campaigns", "author", campaign="spring")
    at.button(key="campaign_fill").click().run()
    assert not at.exception
    found = at.dataframe[-1].value
    assert {"anna", "bo", "only what is required"} <= set(found["who"])
    assert "line 2: 'data.board' is missing" in found["wrong"].iloc[0]
    assert "cannot be filled" in told(at)
