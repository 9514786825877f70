"""Ids are computed, name their place, and never change."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given, strategies as st

from models import ids
from models.ids import Place
from tests.values import ROW, SOURCE

DAYS = st.dates(date(1970, 1, 1), date(2149, 6, 6))  # what 16 bits can count
TEXTS = st.text(min_size=1, max_size=50).filter(lambda text: text.isprintable())


@given(st.uuids(), st.uuids(), DAYS)
def test_an_event_names_its_day_and_the_bucket_of_its_row_key(source: UUID, row: UUID, day: date):
    event = ids.event_id(source, row, day)
    assert (event.version, event.variant) == (8, uuid4().variant)
    assert ids.place_of(event) == Place(ids.key_bucket(source, ids.row_key(row)), day)
    assert ids.event_id(source, row, day) == event


@given(st.uuids(), TEXTS, TEXTS, TEXTS, DAYS)
def test_a_delivery_names_its_recipients_bucket_and_its_events_day(
    row: UUID, recipient: str, channel: str, step: str, day: date
):
    event = ids.event_id(SOURCE, row, day)
    delivery = ids.delivery_id(event, recipient, channel, step)
    assert ids.place_of(delivery) == Place(ids.bucket_of(recipient), day)


@given(st.lists(TEXTS, min_size=3, max_size=3), st.lists(TEXTS, min_size=3, max_size=3))
def test_only_the_same_fields_make_the_same_id(one: list[str], other: list[str]):
    event = ids.event_id(SOURCE, ROW, date(2026, 1, 1))
    same = ids.delivery_id(event, *one) == ids.delivery_id(event, *other)
    assert same == (one == other)


def test_fields_cannot_be_shifted_into_each_other():
    event = ids.event_id(SOURCE, ROW, date(2026, 1, 1))
    assert ids.delivery_id(event, "a", "bc", "d") != ids.delivery_id(event, "a", "b", "cd")


def test_what_is_stored_in_the_world_never_changes():
    """Frozen for ever: rows, links and mails out there carry these."""
    event = ids.event_id(SOURCE, ROW, date(2026, 11, 22))
    assert str(event) == "512b78ed-d2b4-85fd-9aa3-fbcd3dd2b607"
    assert (
        str(ids.delivery_id(event, "anna", "email", "email"))
        == "512badca-a056-8886-aa78-00af97bb5bd0"
    )
    assert str(ids.outbox_id(SOURCE, "key", b"hash")) == "5a2757e2-6711-df5c-73c1-805fbc3dd11d"
    assert [ids.bucket_of(name) for name in ("anna", "bo", "🙂")] == [695, 787, 297]


def test_row_keys_and_producers_keys_never_meet():
    assert ids.row_key(ROW) == f"r:{ROW}"
    assert ids.dedup_key(f"r:{ROW}") == f"k:r:{ROW}"


def test_refuses_an_id_that_is_not_ours():
    with pytest.raises(ValueError, match="not an id of ours"):
        ids.place_of(uuid4())


def test_a_day_is_utc():
    late = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert ids.day_of(late) == date(2025, 12, 31)
    assert ids.day_of(datetime(2026, 1, 1, tzinfo=UTC)) == date(2026, 1, 1)


def test_buckets_are_spread_evenly():
    counts = [0] * ids.BUCKETS
    for number in range(100_000):
        counts[ids.bucket_of(f"user-{number}")] += 1
    assert max(counts) < 2 * 100_000 / ids.BUCKETS
