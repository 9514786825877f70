"""Who gets what, and when: stable, fair, and in the shares that were asked for."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from delivery.campaigns import assigning, moments
from delivery.campaigns.body import CampaignBody, Schedule
from delivery.campaigns.occasions import Recurring
from models.reasons import Exclusion

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MANY = [f"r{number}" for number in range(4000)]


def body(**values: Any) -> CampaignBody:
    said = {"key": "spring", "title": "Spring", "topic": "news", **values}
    return CampaignBody.model_validate(said)


TESTED = body(
    holdout=10,
    variants=[{"key": "a", "share": 75}, {"key": "b", "share": 25}],
    winner={"share": 20, "after": "1 h", "by": "clicked"},
    canary={"share": 5, "after": "1 h"},
)


def test_everybody_has_one_place_in_the_shares_that_were_asked_for():
    made = [assigning.assign(TESTED, recipient, 2) for recipient in MANY]
    stages = Counter(member.stage for member in made)
    assert stages[assigning.CANARY] == pytest.approx(200, rel=0.2)
    assert stages[assigning.TEST] == pytest.approx(800, rel=0.1)
    out = Counter(member.excluded for member in made)
    assert out[Exclusion.HOLDOUT] == pytest.approx(392, rel=0.15)
    assert out[Exclusion.GLOBAL_HOLDOUT] == pytest.approx(80, rel=0.35)
    variants = Counter(one.variant for one in made if one.stage != assigning.REST)
    assert variants["a"] == pytest.approx(3 * variants["b"], rel=0.2)
    assert {one.variant for one in made if one.stage == assigning.REST} == {""}


@given(recipient=st.text(min_size=1, max_size=40), permanent=st.floats(0, 50))
def test_the_same_person_gets_the_same_place(recipient: str, permanent: float):
    first = assigning.assign(TESTED, recipient, permanent)
    assert assigning.assign(TESTED, recipient, permanent) == first
    assert 0 <= assigning.part("any", recipient) < 1


def test_the_permanent_holdout_is_the_same_in_every_campaign():
    others = body(key="autumn")

    def held(one: CampaignBody) -> set[str]:
        return {r for r in MANY if assigning.held_out(one, r, 5) is Exclusion.GLOBAL_HOLDOUT}

    assert held(TESTED) == held(others) != set()


def test_without_variants_there_is_none():
    assert assigning.variant_of(body(), "anna") == ""
    assert assigning.stages(body()) == [assigning.REST]


def test_nothing_goes_before_a_launch_can_be_taken_back_no_more():
    assert moments.starts_at(Schedule(), NOW) == NOW + moments.UNDO
    past = Schedule(at=NOW - timedelta(days=1))
    assert moments.starts_at(past, NOW) == NOW + moments.UNDO
    later = NOW + timedelta(days=1)
    assert moments.starts_at(Schedule(at=later), NOW) == later


LOCAL = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - of each recipient's own clock


@pytest.mark.parametrize(
    ("zone", "late", "at"),
    [
        ("Europe/Berlin", "tomorrow", datetime(2026, 11, 23, 11, tzinfo=UTC)),
        ("America/New_York", "tomorrow", datetime(2026, 11, 23, 17, tzinfo=UTC)),
        ("Asia/Tokyo", "tomorrow", datetime(2026, 11, 24, 3, tzinfo=UTC)),
        ("Asia/Tokyo", "skip", None),
        ("Pacific/Auckland", "tomorrow", datetime(2026, 11, 23, 23, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_that_of_each_recipient(zone: str, late: str, at: datetime | None):
    schedule = Schedule.model_validate({"local_at": LOCAL, "late": late})
    assert moments.local_moment(schedule, zone, NOW) == at


def test_a_local_time_starts_where_the_day_starts_first():
    schedule = Schedule(local_at=LOCAL + timedelta(days=3))
    first = moments.starts_at(schedule, NOW)
    assert moments.local_moment(schedule, "Pacific/Kiritimati", first) == first


@given(members=st.integers(1, 10**7), minutes=st.integers(1, 10**4))
def test_what_is_spread_ends_in_its_window(members: int, minutes: int):
    spread = moments.spread(body(schedule={"over": f"{minutes} min"}), NOW, members)
    assert NOW <= spread.at(members - 1) <= NOW + timedelta(minutes=minutes)


def test_no_more_than_so_many_go_in_a_minute():
    spread = moments.spread(body(schedule={"per_minute": 120}), NOW, 10**6)
    assert sum(spread.at(place) < NOW + timedelta(minutes=1) for place in range(1000)) == 120


def test_a_recurring_campaign_keeps_its_time_of_day_when_clocks_change():
    rule = Recurring("30 9 * * *", "Europe/Berlin")
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    first = rule.after(before)
    assert first == datetime(2026, 10, 25, 8, 30, tzinfo=UTC)
    assert rule.after(datetime(2026, 10, 24, 0, tzinfo=UTC)) == datetime(
        2026, 10, 24, 7, 30, tzinfo=UTC
    )


def test_an_end_is_kept():
    rule = Recurring("0 9 * * *", "UTC", until=NOW + timedelta(days=1))
    assert rule.after(NOW) == NOW + timedelta(days=1)
    assert rule.after(NOW + timedelta(days=1)) is None
