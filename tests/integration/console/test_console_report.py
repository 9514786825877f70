"""A campaign's report out of the database, and its tables and deliveries taken along."""

import csv
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO, StringIO
from uuid import UUID

import httpx
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data
from dashboard.reading import campaign_report, sheets, taking
from dashboard.reading.audits import AuditWanted, listed
from dashboard.showing import campaign_tables as told
from models import ids
from models.campaigns import Campaign, CampaignMember, CampaignRun
from models.conversions import Conversion
from models.feedback import LinkCount
from models.recipients import PreferenceChange
from tests.factories import Rows, rows
from tests.gate import fetched

Make = Callable[..., UUID]
SPRING = {"key": "spring", "title": "Spring", "topic": "news", "recipients": ["anna"],
          "goal": {"conversion": "upgraded"}}  # fmt: skip


def member(make: Rows, run: UUID, recipient: str, **values: str) -> None:
    make.add(
        CampaignMember, bucket=ids.bucket_of(recipient), run=run, recipient_id=recipient,
        stage=2, **{"variant": "a", **values},
    )  # fmt: skip


def launched(make: Rows) -> UUID:
    """A campaign that went out two days ago, to anna and bo; carla was held out."""
    run, ago = ids.campaign_run_id("spring", 1), make.now - timedelta(days=2)
    make.add(
        Campaign, campaign="spring", title="Spring", topic="news", state="finished",
        document=SPRING, created_at=ago, updated_at=ago, updated_by="ada",
    )  # fmt: skip
    make.add(
        CampaignRun, run=run, campaign="spring", number=1, kind="launch", state="done",
        document=SPRING, versions={}, launched_at=ago, launched_by="ada", starts_at=ago,
        winner="b", eligible=2, ended_at=make.now,
    )  # fmt: skip
    member(make, run, "anna")
    member(make, run, "bo", variant="")
    member(make, run, "carla", variant="", excluded="holdout")
    member(make, run, "dmitri", excluded="same_address")
    return run


def converted(make: Rows, recipient: str, name: str = "upgraded") -> None:
    make.add(
        Conversion, bucket=ids.bucket_of(recipient), conversion_id=make.uuid(),
        recipient_id=recipient, name=name, occurred_at=make.now - timedelta(days=1),
        received_at=make.now,
    )  # fmt: skip


@pytest.fixture
def gone(reading: str) -> str:
    with rows(reading) as make:
        launched(make)
        for recipient, name in (("anna", "upgraded"), ("carla", "upgraded"), ("bo", "left")):
            converted(make, recipient, name)
        converted(make, "anna")
        make.moves("delivered", 2, timedelta(days=2), campaign="spring", cohort="1/first/a")
        make.moves("opened", 1, campaign="spring", cohort="1/first/a", reason="person", left=1)
        make.delivery("anna", ago=timedelta(days=2), campaign="spring", cohort="1/first/a")
        for hours in (1, 30):
            other = make.delivery("anna", ago=timedelta(hours=hours))
        make.delivery("anna", "in_app")
        make.delivery("bo", state="skipped", reason="opted_out")
        make.reaction(other, "complained")
        for days in (1, 9):
            make.add(
                PreferenceChange, bucket=ids.bucket_of("bo"), recipient_id="bo",
                at=make.now - timedelta(days=days), category="news", channel="email",
                allowed=False, changed_by="recipient", via="page",
            )  # fmt: skip
        make.add(
            LinkCount, bucket=1, template="gone", version=1, link=1, by="person",
            campaign="spring", times=3, deliveries=2,
        )  # fmt: skip
    return reading


@pytest.mark.usefixtures("gone")
def test_a_report_is_counted_from_what_is_kept():
    found = campaign_report.told("spring")
    assert found
    assert found.left_out == {"holdout": 1, "same_address": 1}
    assert sorted((one.held_out, one.variant, one.people, one.reached) for one in found.groups) == [
        ("", "a", 1, 1), ("", "b", 1, 0), ("holdout", "", 1, 1),
    ]  # fmt: skip
    assert [row[1] for row in told.progress(found).rows][-1] == 2
    assert found.links == ()
    assert campaign_report.told("autumn") is None


@pytest.mark.usefixtures("gone")
def test_noise_is_what_its_people_got_besides():
    found = campaign_report.noise_of("spring")
    assert found
    assert found.besides == {0: 1, 2: 1}
    assert [found.opted_out.get(found.since, 0), sum(found.opted_out.values())] == [1, 2]
    assert sum(found.complained.values()) == 1
    assert campaign_report.noise_of("autumn") is None


@pytest.mark.usefixtures("gone")
def test_the_page_tells_all_of_it(open_page: Callable[..., AppTest]):
    at = open_page("campaigns", "viewer", campaign="spring")
    assert not at.exception, at.exception
    said = {str(one.value) for one in at.subheader}
    assert {"Goal\\: upgraded", "Links", "Bounces", "Noise", "Progress"} <= said
    assert any("too small to tell" in str(one.value).replace("\\", "") for one in at.warning)


def taken(by: UUID, path: str) -> httpx.Response:
    return fetched(taking.ROUTES, path, by)


@pytest.mark.usefixtures("gone")
def test_tables_and_deliveries_are_taken_along_and_written_down(person: Make):
    viewer = person("viewer")
    answer = taken(viewer, "/export/campaign.csv?campaign=spring&table=goal")
    lines = list(csv.DictReader(StringIO(answer.text)))
    assert [(line["Group"], line["Number"]) for line in lines] == [
        ("a", "1"), ("b", "0"), ("Holdout", "1"),
    ]  # fmt: skip
    answer = taken(viewer, "/export/deliveries.parquet?of_campaign=spring&since=all")
    assert answer.headers["cache-control"] == "no-store"
    found = pq.read_table(BytesIO(answer.content)).to_pylist()
    assert [(one["Recipient"], one["State"]) for one in found] == [("anna", "sent")]
    answer = taken(viewer, "/export/campaigns.csv")
    assert [line["Campaign"] for line in csv.DictReader(StringIO(answer.text))] == ["spring"]
    assert [one.action for one in listed(AuditWanted())] == [
        "exported campaigns", "exported deliveries", "exported campaign",
    ]  # fmt: skip


@pytest.mark.usefixtures("gone")
def test_all_pages_of_deliveries_come_along(person: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheets, "_AT_ONCE", 2)
    answer = taken(person("viewer"), "/export/deliveries.csv?since=all")
    ids_told = [line["Delivery"] for line in csv.DictReader(StringIO(answer.text))]
    assert len(ids_told) == len(set(ids_told)) == len(data.deliveries(data.Wanted()))


@pytest.mark.usefixtures("gone")
@pytest.mark.parametrize(
    ("query", "says"),
    [("?campaign=nothing", "no campaign 'nothing'"),
     ("?campaign=spring&table=secrets", "choose one of funnel"), ("", "no campaign ''")],
)  # fmt: skip
def test_what_there_is_not_is_said_and_is_no_export(person: Make, query: str, says: str):
    answer = taken(person("viewer"), f"/export/campaign.csv{query}")
    assert answer.status_code == 404
    assert says in answer.text
    assert listed(AuditWanted()) == []


@pytest.mark.usefixtures("gone")
def test_support_takes_deliveries_but_no_campaigns(person: Make):
    support = person("support")
    path = "/export/campaign.parquet?campaign=spring&table=goal"
    assert taken(support, path).status_code == 403
    assert taken(support, "/export/deliveries.csv").status_code == 200
