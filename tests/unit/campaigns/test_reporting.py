"""A campaign's numbers as people read them."""

from datetime import UTC, datetime, timedelta

from delivery.campaigns import reporting
from delivery.campaigns.judging import Count, tally
from delivery.campaigns.statistics import Share

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
COUNTS = [
    Count("1/first/a", "email", "sent", "", 200, 0),
    Count("1/first/b", "email", "sent", "", 50, 0),
    Count("2/first/b", "email", "skipped", "opted_out", 9, 0),
    Count("1/first/a", "email", "clicked", "person", 20, 20),
]


def test_the_funnel_goes_from_who_was_eligible_to_what_they_did():
    funnel = reporting.Funnel("spring", 300, tally(COUNTS), {"paused": 41})
    assert reporting.funnel_line(funnel) == (
        "spring: 300 eligible › 41 waiting (paused) › 9 skipped (opted_out) › 250 handed over"
        " › 20 clicked"
    )


def test_a_variant_is_counted_over_all_runs_and_steps():
    found = reporting.by_variant(COUNTS)
    assert {key: one.settled for key, one in found.items()} == {"a": 200, "b": 59}


def test_a_rate_of_few_says_so():
    assert reporting.rate_line("a", Share(20, 200)) == "a: 10.0% (6.6% to 14.9% of 200)"
    assert "too few to conclude from" in reporting.rate_line("b", Share(1, 50))


def test_the_end_is_told_by_the_pace_of_the_last_minutes():
    assert reporting.ends_at(100, 50, NOW) == NOW + timedelta(minutes=10)
    assert reporting.ends_at(100, 0, NOW) is None
    assert reporting.ends_at(0, 50, NOW) is None
