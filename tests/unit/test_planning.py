"""From an event to its deliveries."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from delivery import planning
from delivery.planning import EXPANDS_OVER, chunks, plan, stored
from delivery.reading import Accepted, read
from models import ids
from models.records import Class, NewDelivery, OutboxRow
from tests.values import EVENT, NOW, make_row, make_topic


def planned(row: OutboxRow, **topic: object) -> list[NewDelivery]:
    subject = make_topic(**topic)
    accepted = read(row, {subject.key: subject})
    assert isinstance(accepted, Accepted)
    return plan(stored(EVENT, row, accepted), subject, accepted.recipients, NOW)


def test_one_delivery_for_each_recipient_and_step():
    made = planned(make_row(recipients=("anna", "bo")))
    assert [(each.recipient_id, each.channel) for each in made] == [
        ("anna", "email"), ("anna", "in_app"), ("bo", "email"), ("bo", "in_app"),
    ]  # fmt: skip
    assert len({each.delivery_id for each in made}) == 4
    for each in made:
        assert ids.place_of(each.delivery_id) == (each.bucket, each.day)


def test_planning_twice_makes_the_same_rows():
    row = make_row(recipients=("anna", "bo"), actor="bo")
    assert planned(row) == planned(row)


def test_the_one_who_caused_it_is_skipped_at_once():
    (email, item) = planned(make_row(actor="anna"))
    assert {(each.state, each.reason) for each in (email, item)} == {("skipped", "own_action")}
    assert json.loads(email.trace)["plan"][0][:2] == ["actor", "skip:own_action"]


def test_what_may_not_go_yet_is_held():
    later = NOW + timedelta(hours=1)
    (one, _) = planned(make_row(not_before=later))
    assert (one.held_for, one.due_at, one.state) == ("not_before", later, "scheduled")
    (two, _) = planned(make_row(not_before=NOW - timedelta(hours=1)))
    assert (two.held_for, two.due_at) == (None, NOW)


@pytest.mark.parametrize(
    ("row", "topic", "expected"),
    [
        ({}, {"klass": Class.CRITICAL}, timedelta(days=1)),
        ({}, {"klass": Class.TRANSACTIONAL}, timedelta(days=3)),
        ({}, {"klass": Class.PROMOTIONAL}, timedelta(days=1)),
        ({}, {"lifetime": timedelta(minutes=5)}, timedelta(minutes=5)),
        ({"expires_at": NOW + timedelta(7)}, {"lifetime": timedelta(1)}, timedelta(7)),
        ({"not_before": NOW + timedelta(2)}, {"lifetime": timedelta(1)}, timedelta(3)),
    ],
)
def test_the_event_says_how_long_or_the_topic_or_the_class(
    row: dict[str, object], topic: dict[str, object], expected: timedelta
):
    (one, _) = planned(make_row(**row), **topic)
    assert one.expires_at == NOW + expected


def test_a_lane_is_the_priority_and_a_share_of_tenants_or_topics():
    lanes = {planned(make_row(tenant=f"tenant {number}"))[0].lane for number in range(200)}
    assert lanes == set(range(5 * 16, 6 * 16))
    (one, _) = planned(make_row(priority=9), klass=Class.CRITICAL)
    assert one.lane // 16 == 9
    assert planned(make_row())[0].lane == planned(make_row(actor="cy"))[0].lane


def test_small_data_travels_and_big_data_waits_with_the_event():
    small = json.dumps({"x": "y" * 4000})
    big = json.dumps({"x": "y" * 5000})
    assert planned(make_row(data=small))[0].data == small
    assert planned(make_row(data=big))[0].data is None
    assert planned(make_row(data=big), sensitive=True)[0].data == big
    assert planned(make_row(data=None))[0].data == "{}"


def test_what_travels_is_measured_in_bytes():
    assert planned(make_row(data=json.dumps({"x": "é" * 2100}, ensure_ascii=False)))[0].data is None


@given(st.sets(st.text(min_size=1, max_size=8), max_size=300))
def test_chunks_hold_each_recipient_once_and_one_bucket_each(recipients: set[str]):
    made = chunks(EVENT, sorted(recipients))
    assert sorted(who for chunk in made for who in chunk.recipients) == sorted(recipients)
    assert len({(chunk.bucket, chunk.chunk) for chunk in made}) == len(made)
    for chunk in made:
        assert {ids.bucket_of(who) for who in chunk.recipients} == {chunk.bucket}


def test_a_crowd_in_one_bucket_is_cut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(planning, "EXPANDS_OVER", 10)
    one_bucket = [name for name in map(str, range(60_000)) if ids.bucket_of(name) == 7]
    made = chunks(EVENT, one_bucket)
    assert max(len(chunk.recipients) for chunk in made) == 10
    assert [chunk.chunk for chunk in made] == list(range(len(made)))
    assert EXPANDS_OVER == 1000
