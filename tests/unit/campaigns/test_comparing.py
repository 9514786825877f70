"""Variants against those held out, and a campaign against all else that its people got."""

from datetime import UTC, datetime

import pytest

from delivery.campaigns.comparing import arms
from delivery.campaigns.noise import (
    ASKED,
    BEFORE,
    WEEK,
    Noise,
    sample,
    usual,
    week_after,
    weeks_around,
)
from delivery.campaigns.statistics import Difference, Share
from models.readings.campaigns import Group

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_groups_are_added_up_over_runs_and_held_against_the_holdout():
    found = arms(
        [
            Group("", "a", 500, 60), Group("", "b", 500, 40), Group("holdout", "", 400, 20),
            Group("", "a", 500, 60), Group("holdout", "", 600, 30),
            Group("global_holdout", "", 50, 1),
        ]
    )  # fmt: skip
    assert [(one.held_out, one.variant, one.share) for one in found] == [
        ("", "a", Share(120, 1000)), ("", "b", Share(40, 500)),
        ("global_holdout", "", Share(1, 50)), ("holdout", "", Share(50, 1000)),
    ]  # fmt: skip
    assert found[0].lift == Difference(Share(120, 1000), Share(50, 1000))
    assert found[0].lift.is_clear
    assert found[0].relative == pytest.approx(1.4)
    assert found[2].lift is found[3].lift is None


def test_the_permanent_holdout_stands_in_where_the_campaign_has_none():
    (treated, _) = arms([Group("", "", 100, 9), Group("global_holdout", "", 100, 0)])
    assert treated.lift == Difference(Share(9, 100), Share(0, 100))
    assert treated.relative is None


def test_nobody_held_out_is_no_lift():
    (only,) = arms([Group("", "", 100, 9)])
    assert only.lift is only.relative is None
    assert arms([]) == []


def noise(besides: dict[int, int], opted_out: dict[datetime, int]) -> Noise:
    return Noise(1, 1000, NOW, besides, opted_out, {})


def test_noise_is_what_people_got_besides():
    found = noise({0: 50, 2: 30, 10: 20}, {})
    assert (found.asked, found.mean, found.busiest) == (100, 2.6, 0.2)
    assert (noise({}, {}).mean, noise({}, {}).busiest) == (0.0, 0.0)


def test_the_week_after_is_held_against_those_before():
    assert week_after(NOW).since == weeks_around(NOW).until - WEEK == NOW
    weeks = {NOW - 2 * WEEK: 6, NOW - WEEK: 2, NOW: 50}
    assert usual(weeks, NOW) == 8 / BEFORE


@pytest.mark.parametrize(
    ("people", "buckets"), [(0, 1024), (1999, 1024), (1_000_000, 2), (90_000_000, 1)]
)
def test_about_as_many_people_are_asked_however_many_there_are(people: int, buckets: int):
    found = sample(people, ASKED)
    assert len(found) == len(set(found)) == buckets
    assert all(0 <= bucket < 1024 for bucket in found)
