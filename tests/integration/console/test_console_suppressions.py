"""The pages Feedback and Suppressions without a browser: who may what, links, files."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import httpx
import pytest

from dashboard import data
from dashboard.actions import NotAllowedError
from dashboard.changing import stops, wishes
from dashboard.components.returns.stopform import read
from dashboard.data import Wanted
from dashboard.reading import exports, people, returns
from dashboard.showing.spans import Span
from delivery.consent.suppressing import Inlet
from delivery.registry import all_channels
from models.readings.returns import Facets
from tests.factories import rows
from tests.gate import fetched
from tests.integration.console.conftest import Open

FILE = "address,reason\nanna@example.com,by phone\nnobody,by phone\n=1@example.com,-x\n"


def audited() -> list[str]:
    return [entry.action for entry in data.audit()]


def test_a_file_is_taken_in_once_with_its_bad_lines_told(reading: str, person: Any):
    by = person("operator")
    with rows(reading) as make:
        make.recipient("anna")
        make.address("anna", "anna@example.com")
    found = read(StringIO(FILE), Inlet(all_channels(), "ada", data.now()))

    assert [(line, why) for line, _, why in found.refused] == [
        (3, "nobody is no address of email: check its spelling")
    ]
    assert list(stops.take_in(by, found.said, "stop.csv")) == [(2, 2)]
    assert list(stops.take_in(by, found.said, "stop.csv")) == [(2, 0)]
    assert audited().count("imported suppressions") == 1
    [line] = data.recipient_report("anna").addresses
    assert line.blocks[0].reason == "by phone"


@pytest.mark.usefixtures("reading")
def test_who_may_not_change_consent_takes_nothing_in(person: Any):
    said = read(StringIO(FILE), Inlet(all_channels(), "ada", data.now())).said
    with pytest.raises(NotAllowedError):
        list(stops.take_in(person("viewer"), said, "stop.csv"))

    assert stops.listed(stops.SuppressionsWanted(data.now())) == []


def exported(by: UUID | None, query: str = "") -> httpx.Response:
    return fetched(exports.ROUTES, f"/export/suppressions.csv{query}", by)


def test_an_export_is_masked_for_those_who_may_not_see_addresses(reading: str, person: Any):
    with rows(reading) as make:
        make.suppression("anna@example.com", "=by phone", "ada")
        make.suppression("bo@example.com", "complaint", "ses")
    viewer = exported(person("viewer"))
    engineer = exported(person("engineer"), "?cause=Complaint")

    assert viewer.headers["content-disposition"].endswith('"suppressions.csv"')
    lines = list(csv.DictReader(StringIO(viewer.text)))
    assert sorted((line["address"], line["reason"]) for line in lines) == [
        ("a•••@example.com", "'=by phone"), ("b•••@example.com", "complaint"),
    ]  # fmt: skip
    assert [line["address"] for line in csv.DictReader(StringIO(engineer.text))] == [
        "bo@example.com"
    ]
    assert audited().count("exported suppressions") == 2


@pytest.mark.usefixtures("reading")
def test_nobody_exports_without_being_signed_in():
    assert exported(None).status_code == 303
    assert audited() == []


def test_operators_lift_and_viewers_only_look(reading: str, open_page: Open):
    with rows(reading) as make:
        make.suppression("anna@example.com", "complaint", "ses")
    ticked = {"selection": {"rows": [0], "columns": [], "cells": []}}
    for role, may in (("viewer", False), ("operator", True)):
        at = open_page("suppressions", role)
        assert at.dataframe[0].value["address"][0] == "a•••@example.com"
        at.session_state["suppressions_table"] = ticked
        at.run()
        assert not at.exception
        keys = {button.key for button in at.button}
        assert ("stop_lift" in keys) is may
        assert ("stop_add" in keys) is may


def test_the_drawer_tells_its_end_and_what_lifting_would_send(reading: str, open_page: Open):
    with rows(reading) as make:
        make.suppression("anna@example.com", "complaint", "ses")
    line = stops.listed(stops.SuppressionsWanted(data.now()))[0]
    at = open_page("suppressions", suppression=f"{line.place.bucket}.{line.place.digest}")

    told = " ".join(each.value for each in at.markdown)
    assert "lift it only if they ask for mail again" in told
    assert "No recipient is reached there" in told
    wishes.lift(people.all_people()[0].person, line.place, "mended")
    assert "not there any more" in at.run().error[0].value


def test_counts_by_the_hour_and_those_not_folded_yet_come_together(reading: str):
    with rows(reading) as make:
        make.moves("bounced", 5, timedelta(hours=2), reason="mailbox_full", destination="google")
        make.moves("bounced", 7, timedelta(hours=2), reason="mailbox_full", destination="yahoo")
        make.moves("bounced", 9, timedelta(hours=2), channel="in_app")
        make.write_counts()
        make.connection.exec_driver_sql(
            """INSERT INTO rollup_hours SELECT 7, date_trunc('hour', minute, 'UTC'), topic, channel,
                      provider, destination, class, state, reason, 100, 0
                 FROM rollups WHERE destination = 'google'"""
        )

    def bounced(span: Span, **of: str) -> int:
        return sum(one.entered for one in returns.returned(span, Facets(**of)).courses)

    assert bounced(Span.WEEK) == bounced(Span.MONTH) == bounced(Span.DAY) == 112
    assert bounced(Span.HOUR) == 0
    assert bounced(Span.WEEK, destination="google") == 105
    assert bounced(Span.WEEK, provider="ses") == 0
    assert returns.known_facets()["destination"] == ["example.com", "google", "yahoo"]


@pytest.mark.usefixtures("reading")
def test_feedback_says_so_where_nothing_came_back(open_page: Open):
    at = open_page("feedback", "viewer")

    assert not at.exception
    assert [metric.value for metric in at.metric] == ["–", "0.00%", "0.000%", "0"]
    assert "Nothing bounced in this range\\." in {caption.value for caption in at.caption}


def test_a_chart_leads_to_its_deliveries(reading: str, open_page: Open):
    with rows(reading) as make:
        ago = timedelta(minutes=1)
        wanted = {"destination": "google", "provider": "ses", "state": "bounced", "ago": ago}
        make.delivery("anna", reason="mailbox_full", **wanted)
        make.delivery("bo", reason="mailbox_full", **{**wanted, "destination": "yahoo"})
        told = make.delivery("carla", klass="promotional", **{**wanted, "state": "sent"})
        make.reaction(told, "complained")
        make.moves("bounced", 2, reason="mailbox_full", destination="google", provider="ses")
    at = open_page(
        "deliveries", state="Bounced", reason="Mailbox full", destination="google", provider="ses"
    )

    assert list(at.dataframe[0].value["recipient"]) == ["anna"]
    assert [line.delivery_id for line in data.deliveries(Wanted(kind="complained"))] == [told.id]
    assert data.deliveries(Wanted(kind="unsubscribed")) == []
    assert [line.recipient_id for line in data.deliveries(Wanted(klass="promotional"))] == ["carla"]
    assert data.selected(data.Selection(Wanted(destination="google"), data.now())) == 2
