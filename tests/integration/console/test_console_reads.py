"""What the console reads, from rows that were written for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dashboard import data
from dashboard.data import EventsWanted, Wanted
from dashboard.reading import outbox
from dashboard.showing import figures
from dashboard.showing.spans import Span
from models.conversions import Conversion
from models.database import UnavailableError
from models.query import count, sql
from models.readings.deliveries import OfCampaign, Position
from tests.factories import rows

FOREVER = datetime.max.replace(tzinfo=UTC)


def ids(found: list) -> list[UUID]:
    return [line.delivery_id for line in found]


def test_moves_of_the_hour_are_counted_by_bin(reading: str):
    with rows(reading) as make:
        make.moves("sent", 5, timedelta(minutes=3))
        make.moves("sent", 2, timedelta(minutes=3), topic="other")
        make.moves("sent", 100, timedelta(minutes=90))

    history = data.counted(Span.HOUR)

    sent = figures.series(history.period, history.flows, figures.entered("sent"))
    assert sum(sent) == 7
    assert max(sent) == 7


def test_latencies_are_counted_by_bin(reading: str):
    with rows(reading) as make:
        make.speed(40, 3, timedelta(minutes=1))
        make.speed(40, 4, timedelta(minutes=1))

    assert figures.overall(data.counted(Span.HOUR)) == {40: 7}


def test_the_queue_tells_due_from_held(reading: str):
    with rows(reading) as make:
        ago, later = make.now - timedelta(seconds=90), make.now + timedelta(minutes=90)
        make.delivery("a", state="scheduled", due_at=ago, held_for="backoff")
        make.delivery("b", state="scheduled", due_at=later, held_for="quiet_hours")
        token, until = make.uuid(), later
        make.delivery("c", state="sending", due_at=ago, token=token, lease_until=until)

    queue = data.queue()

    assert (queue.depth, queue.due) == (3, 1)
    assert queue.oldest_due
    assert 90 <= queue.oldest_due.total_seconds() < 100
    assert queue.held == {"quiet_hours": 1}
    assert figures.release_course(queue)[:3] == [0, 1, 0]


def test_a_step_that_waits_for_the_one_before_has_no_due_time(reading: str):
    with rows(reading) as make:
        made = make.delivery("a", state="scheduled", held_for="previous_step")
        make.connection.exec_driver_sql("UPDATE queue SET due_at = 'infinity'")
        make.connection.exec_driver_sql("UPDATE deliveries SET due_at = 'infinity'")

    (line,) = data.deliveries(Wanted())
    report = data.report(made.id)

    assert (line.due_at, line.held_for) == (None, "previous_step")
    assert report
    assert report.delivery.due_at is None
    assert data.queue().held == {"previous_step": 1}


def test_the_queue_row_is_the_truth(reading: str):
    with rows(reading) as make:
        make.delivery("a", state="scheduled", held_for="backoff")
        make.connection.exec_driver_sql("UPDATE queue SET state = 'sending', attempt = 4")

    (line,) = data.deliveries(Wanted())

    assert (line.state, line.attempts) == ("sending", 4)


def test_what_is_sent_again_is_no_longer_what_it_was(reading: str):
    with rows(reading) as make:
        make.delivery("anna", state="scheduled", held_for="backoff")
        make.connection.exec_driver_sql("UPDATE deliveries SET state = 'failed', reason = 'x'")

    assert data.deliveries(Wanted(states=frozenset({"failed"}))) == []
    assert data.deliveries(Wanted(reason="x")) == []
    assert len(data.deliveries(Wanted(states=frozenset({"scheduled"})))) == 1


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), {"anna", "bo", "carla", "dmitri"}),
        (Wanted(states=frozenset({"scheduled", "sending"})), {"dmitri"}),
        (Wanted(states=frozenset({"sent", "scheduled"})), {"anna", "dmitri"}),
        (Wanted(states=frozenset({"skipped"}), reason="opted_out"), {"bo"}),
        (Wanted(reason="quiet_hours"), {"dmitri"}),
        (Wanted(channel="in_app"), {"carla"}),
        (Wanted(topic="login.code"), {"carla"}),
        (Wanted(recipient="bo"), {"bo"}),
        (Wanted(recipient="nobody"), set()),
        (Wanted(states=frozenset({"scheduled"}), reason="opted_out"), set()),
        (Wanted(states=frozenset({"sent", "skipped"}), reason="quiet_hours"), set()),
    ],
)
def test_a_filter_finds_what_it_says(reading: str, wanted: Wanted, found: set[str]):
    with rows(reading) as make:
        make.delivery("anna", state="sent")
        make.delivery("bo", state="skipped", reason="opted_out")
        make.delivery("carla", "in_app", state="failed", topic="login.code")
        make.delivery("dmitri", state="scheduled", held_for="quiet_hours")

    assert {line.recipient_id for line in data.deliveries(wanted)} == found


OF = OfCampaign("spring")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(of=OF), {"anna", "bo", "carla", "dmitri"}),
        (Wanted(of=OfCampaign("autumn")), {"elif"}),
        (Wanted(of=replace(OF, run=1)), {"anna", "bo"}),
        (Wanted(of=replace(OF, run=10, step="first")), {"carla", "dmitri"}),
        (Wanted(of=replace(OF, variant="a")), {"anna", "carla"}),
        (Wanted(of=replace(OF, variant="")), {"dmitri"}),
        (Wanted(of=OF, states=frozenset({"scheduled"})), {"dmitri"}),
        (Wanted(of=OF, reason="quiet_hours"), {"dmitri"}),
        (Wanted(of=OF, kind="opened"), {"anna"}),
        (Wanted(of=OF, kind="clicked"), set()),
        (Wanted(of=OF, kind="machines"), {"bo"}),
        (Wanted(of=OF, kind="converted"), {"carla"}),
        (Wanted(of=OF, kind="complained"), {"bo"}),
        (Wanted(kind="opened"), {"anna", "elif"}),
    ],
)
def test_a_campaign_leads_to_what_is_behind_its_numbers(
    reading: str, wanted: Wanted, found: set[str]
):
    with rows(reading) as make:
        anna = make.delivery("anna", campaign="spring", cohort="1/first/a")
        bo = make.delivery("bo", campaign="spring", cohort="1/second/b")
        carla = make.delivery("carla", campaign="spring", cohort="10/first/a")
        make.delivery(
            "dmitri", state="scheduled", held_for="quiet_hours", campaign="spring",
            cohort="10/first/",
        )  # fmt: skip
        elif_ = make.delivery("elif", campaign="autumn", cohort="1/first/a")
        for one in (anna, elif_):
            make.reaction(one, "opened", detail={"by": "proxy"})
        make.reaction(bo, "clicked", detail={"by": "scanner"})
        make.reaction(bo, "complained")
        make.add(
            Conversion, bucket=carla.bucket, conversion_id=make.uuid(), recipient_id="carla",
            name="bought", occurred_at=make.now, received_at=make.now, delivery_id=carla.id,
        )  # fmt: skip

    assert {line.recipient_id for line in data.deliveries(wanted)} == found


def test_a_time_range_leaves_out_what_is_older(reading: str):
    with rows(reading) as make:
        make.delivery("old", ago=timedelta(days=3))
        make.delivery("new")

    since = data.now() - timedelta(days=1)

    assert [line.recipient_id for line in data.deliveries(Wanted(since=since))] == ["new"]


def test_pages_show_each_delivery_once_also_when_many_have_one_time(reading: str):
    with rows(reading) as make:
        for number in range(7):
            make.delivery(f"person {number}", ago=timedelta(minutes=5))

    seen: list[UUID] = []
    before = None
    while found := data.deliveries(Wanted(before=before, limit=3)):
        seen += ids(found)
        before = Position(found[-1].created_at, found[-1].delivery_id)

    assert len(seen) == len(set(seen)) == 7


def test_a_report_holds_everything_around_a_delivery(reading: str):
    with rows(reading) as make:
        made = make.delivery("anna", "in_app", "sent")
        make.attempt(made, 2)
        make.attempt(made, 1, outcome="scheduled", code=451)
        make.reaction(made, "opened")
        make.item(made, "Mark edited a page", "body")

    report = data.report(made.id)

    assert report
    assert report.delivery.delivery_id == made.id
    assert report.event
    assert report.event.event_id == made.event
    assert [attempt.attempt for attempt in report.attempts] == [1, 2]
    assert [reaction.kind for reaction in report.reactions] == ["opened"]
    assert report.item
    assert report.item.title == "Mark edited a page"


def test_nothing_is_known_of_a_delivery_that_never_was(reading: str):
    with rows(reading) as make:
        made = make.delivery("anna")
        make.connection.exec_driver_sql("DELETE FROM deliveries")

    assert data.report(made.id) is None


def test_a_topic_that_is_gone_is_taken_for_sensitive(reading: str):
    with rows(reading) as make:
        made = make.delivery("anna", topic="long.gone")

    report = data.report(made.id)

    assert report
    assert report.sensitive


def test_rejected_events_say_what_is_wrong(reading: str):
    with rows(reading) as make:
        make.event()
        make.event("nope", state="rejected", reason="unknown_topic", detail="no such topic")

    (event,) = outbox.rejected(data.now() - timedelta(hours=1))

    assert (event.topic, event.reason, event.detail) == ("nope", "unknown_topic", "no such topic")
    assert len(outbox.events(EventsWanted())) == 2
    assert [each.topic for each in outbox.events(EventsWanted(state="rejected"))] == ["nope"]


def test_an_event_leads_to_its_deliveries(reading: str):
    with rows(reading) as make:
        make.connection.exec_driver_sql(TOPIC)
        event = make.event("two.steps", recipients=["anna", "bo"])
        for person in ("anna", "bo"):
            make.delivery(person, "email", event=event, topic="two.steps")
        make.delivery("stranger")

    report = outbox.event_report(event)

    assert report
    assert {delivery.recipient_id for delivery in report.deliveries} == {"anna", "bo"}


TOPIC = """
    INSERT INTO topics (topic, title, category, class, dedup_window, mandatory, sensitive,
                        updated_at)
    VALUES ('two.steps', 'T', 'c', 'transactional', '7 days', false, false, now());
    INSERT INTO topic_steps (topic, step, position, channel, template)
    VALUES ('two.steps', 'in_app', 0, 'in_app', NULL), ('two.steps', 'email', 1, 'email', NULL);
"""


def test_what_waits_in_the_outbox_is_counted_by_topic(reading: str):
    with rows(reading) as make:
        for topic in ("a", "b", "a"):
            make.connection.exec_driver_sql(f"INSERT INTO outbox (topic) VALUES ('{topic}')")

    assert {line.topic: line.rows for line in outbox.waiting()} == {"a": 2, "b": 1}


def test_a_recipient_has_everything_on_one_page(reading: str):
    with rows(reading) as make:
        make.recipient("anna")
        make.address("anna", "anna@example.com", suppressed_for="complaint")
        make.suppression("anna@example.com", "complaint", "feedback")
        make.preference("anna", "boards", allowed=False)
        made = make.delivery("anna", "in_app")
        make.connection.exec_driver_sql(TOPIC)
        make.item(made, "one", "", seq=1, topic="two.steps")
        make.item(make.delivery("anna", "in_app"), "a secret", "", seq=2, seen_at=make.now)
        make.delivery("bo")

    report = data.recipient_report("anna")

    assert report.card
    assert report.card.name == "Anna"
    assert [(one.address, one.source) for one in report.consent.suppressions] == [
        ("anna@example.com", "feedback")
    ]
    assert report.consent.facts.preferences == {("boards", "email"): False}
    assert (report.counts.items, report.counts.unseen, report.counts.unread) == (2, 1, 2)
    hidden = "Hidden: this topic is sensitive"
    assert [item.title for item in report.feed] == [hidden, "one"]
    assert len(report.deliveries) == 2


@pytest.mark.usefixtures("reading")
def test_a_recipient_nobody_told_us_of_has_no_card():
    assert data.recipient_report("nobody").card is None


def test_recent_recipients_are_those_of_the_newest_deliveries(reading: str):
    with rows(reading) as make:
        make.recipient("anna")
        for person, minutes in (("anna", 5), ("bo", 1), ("anna", 9)):
            make.delivery(person, ago=timedelta(minutes=minutes))

    found = data.recent_recipients()

    assert [(line.recipient_id, line.name) for line in found] == [("bo", None), ("anna", "Anna")]


@pytest.mark.usefixtures("reading")
def test_a_statement_that_takes_too_long_is_cut_off():
    with data.database().begin() as tx:
        tx.run(sql("SET statement_timeout = '50ms'", count))
        with pytest.raises(UnavailableError) as refused:
            tx.run(sql("SELECT pg_sleep(5)", count))

    assert refused.value.code == "57014"


@pytest.mark.usefixtures("reading")
def test_the_consoles_connections_limit_themselves():
    def setting(name: str) -> str:
        with data.database().begin() as tx:
            return tx.run(sql(f"SHOW {name}", lambda result: str(result.scalar_one())))

    assert setting("statement_timeout") == "5s"
    assert setting("idle_in_transaction_session_timeout") == "10s"
