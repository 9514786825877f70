"""The troubles of a made-up day: a few of each kind, the same each time."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from delivery.reading import Accepted, Refusal, read
from models.records import OutboxRow
from scheduler.demo.generator import make_day
from scheduler.demo.people import Cast, cast_of
from scheduler.demo.replay import Offer, begin_of, offers_of
from scheduler.demo.trouble import spoiled, with_trouble
from scheduler.samples import TOPICS

DAY = make_day(date(2026, 11, 22), 8_000)
BEGIN = begin_of(DAY)


@pytest.fixture(scope="module")
def sound() -> Cast:
    return cast_of(DAY)


@pytest.fixture(scope="module")
def offers() -> list[Offer]:
    return spoiled(offers_of(DAY), BEGIN)


def outbox_row(offer: Offer) -> OutboxRow:
    row = offer.row
    return OutboxRow(
        UUID(int=1), row.topic, row.recipients, row.audience, row.data, row.dedup_key, row.actor,
        row.thread, row.priority, row.not_before, row.expires_at, row.tags, None, None, None,
        test=False, created_at=datetime(2026, 11, 22, tzinfo=UTC),
    )  # fmt: skip


def test_a_few_people_are_unknown_or_without_an_address(sound: Cast):
    troubled = with_trouble(sound)
    known = {profile.recipient_id for profile in troubled.profiles}
    assert 0 < len(sound.profiles) - len(known) < len(sound.profiles) * 0.02
    homeless = [profile for profile in troubled.profiles if not profile.addresses]
    assert 0 < len(homeless) < len(sound.profiles) * 0.05
    assert all(profile.channels == {"email"} for profile in homeless)


def test_a_few_have_opted_out_or_a_dead_address(sound: Cast):
    troubled = with_trouble(sound)
    known = {profile.recipient_id for profile in troubled.profiles}
    assert {preference.recipient_id for preference in troubled.preferences} <= known
    assert {preference.channel for preference in troubled.preferences} == {"email", "*"}
    addresses = {each.address for profile in troubled.profiles for each in profile.addresses}
    assert troubled.suppressions
    assert {suppression.address for suppression in troubled.suppressions} <= addresses


def test_most_people_have_no_trouble(sound: Cast):
    troubled = with_trouble(sound)
    reachable = sum(bool(profile.addresses) for profile in troubled.profiles)
    quiet = len(troubled.preferences) + len(troubled.suppressions)
    assert reachable - quiet > len(sound.profiles) * 0.9


def test_a_few_rows_are_rejected_each_for_its_own_reason(offers: list[Offer]):
    topics = {topic.key: topic for topic in TOPICS}
    readings = [read(outbox_row(offer), topics) for offer in offers]
    refused = Counter(reading.reason.value for reading in readings if isinstance(reading, Refusal))
    assert set(refused) == {
        "unknown_topic", "bad_data", "no_target", "bad_recipient", "bad_field", "two_targets",
    }  # fmt: skip
    assert sum(isinstance(reading, Accepted) for reading in readings) > len(readings) * 0.99


def test_a_few_rows_come_too_early_or_too_late(offers: list[Offer]):
    assert {offer.row.expires_at for offer in offers} == {None, BEGIN}
    assert {offer.row.not_before for offer in offers} == {None, BEGIN + timedelta(days=1)}


def test_a_few_rows_come_twice(offers: list[Offer]):
    keys = Counter(offer.row.dedup_key for offer in offers)
    assert set(keys.values()) == {1, 2}
    assert 0 < sum(times == 2 for times in keys.values()) < len(keys) * 0.02


def test_the_order_of_time_and_everything_else_stays(offers: list[Offer]):
    assert [offer.offset for offer in offers] == sorted(offer.offset for offer in offers)
    assert list(dict.fromkeys(offer.row.dedup_key for offer in offers)) == [
        offer.row.dedup_key for offer in offers_of(DAY)
    ]


def test_is_the_same_each_time(sound: Cast):
    assert with_trouble(sound) == with_trouble(replace(sound))
