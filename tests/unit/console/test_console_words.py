"""How the console writes codes, times, numbers and addresses."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.showing import words
from models.states import CampaignState, DeliveryState, EventState


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(milliseconds=12), "12 ms"),
        (timedelta(seconds=1.24), "1.2 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(seconds=185), "3 min 5 s"),
        (timedelta(hours=2, seconds=59), "2 h"),
        (timedelta(days=2, hours=4, minutes=9), "2 d 4 h"),
        (timedelta(seconds=-3), "0 ms"),
    ],
)
def test_a_duration_has_at_most_two_units(length: timedelta, written: str):
    assert words.duration(length) == written


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("anna@example.com", "a•••@example.com"),
        ("+49301234567", "+4•••67"),
        ("short", "•••"),
    ],
)
def test_a_masked_address_keeps_its_owner_private(address: str, shown: str):
    assert words.masked(address) == shown


def test_a_moment_is_written_in_the_viewers_zone():
    at = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    assert words.moment(at, ZoneInfo("Asia/Tokyo")) == "23 Nov 2026, 08:30:00"


def test_every_state_has_a_colour():
    assert set(words.STATE_COLOURS) == {*DeliveryState, *EventState, *CampaignState}


def test_codes_are_written_as_people_write_them():
    assert [words.label(code) for code in ("in_doubt", "in_app", "email")] == [
        "In doubt",
        "In-app",
        "E-mail",
    ]
