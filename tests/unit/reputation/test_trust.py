"""Trust: trips at once, comes back slowly, never flaps, and does what a person says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from delivery.reputation import trust
from delivery.reputation.rates import LINES, rates
from models.records import Counts, Rate, Reputation, Trust, Window

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FRESH = trust.fresh("topic:news", NOW)


def of(dead: int, sent: int = 1000) -> tuple[Rate, ...]:
    return rates("topic:news", {Window.DAY: Counts(sent=sent, dead=dead)}, LINES)


GOOD, SO_SO, BAD = of(0), of(50), of(200)


def passing(before: Reputation, *looks: tuple[timedelta, tuple[Rate, ...]]) -> Reputation:
    at = NOW
    for wait, found in looks:
        at += wait
        before = trust.after(before, found, at)
    return before


@pytest.mark.parametrize(
    ("found", "expected"), [(GOOD, Trust.OK), (SO_SO, Trust.WATCH), (BAD, Trust.TRIPPED)]
)
def test_moves_to_what_the_rates_say(found: tuple[Rate, ...], expected: Trust):
    assert trust.after(FRESH, found, NOW).trust is expected


def test_a_trip_says_why_how_long_and_that_nobody_was_told():
    tripped = trust.after(FRESH, BAD, NOW)
    assert tripped.why.startswith("200 of 1000 mails in 24 hours came back for good, 20 %")
    assert (tripped.until, tripped.trips, tripped.told) == (NOW + HOUR, 1, False)
    assert trust.is_stopped(tripped)


def test_the_same_rates_again_change_nothing():
    tripped = trust.after(FRESH, BAD, NOW)
    again = trust.after(tripped, BAD, NOW + MINUTE)
    assert (again.since, again.until, again.trips) == (NOW, NOW + HOUR, 1)


def test_a_pause_ends_in_a_probation_for_which_the_flood_counts_no_more():
    tried = passing(FRESH, (MINUTE, BAD), (HOUR, BAD))
    assert tried.trust is Trust.PROBATION
    assert tried.forgiven_at == tried.since == NOW + HOUR + MINUTE
    assert not trust.is_stopped(tried)


def test_a_probation_that_goes_well_ends_in_full():
    assert passing(FRESH, (MINUTE, BAD), (HOUR, GOOD), (30 * MINUTE, GOOD)).trust is Trust.PROBATION
    done = passing(FRESH, (MINUTE, BAD), (HOUR, GOOD), (HOUR, GOOD))
    assert (done.trust, done.until, done.why) == (Trust.OK, None, "")


def test_a_probation_that_goes_badly_is_a_longer_pause():
    again = passing(FRESH, (MINUTE, BAD), (HOUR, GOOD), (MINUTE, BAD))
    assert again.trust is Trust.TRIPPED
    assert (again.trips, again.until) == (2, again.since + 2 * HOUR)


def test_pauses_grow_to_a_day_and_are_short_again_after_a_calm_one():
    after = FRESH
    for _ in range(7):
        after = trust.after(after, BAD, NOW)
        assert after.until is not None
        after = trust.after(after, GOOD, after.until)
    tripped = trust.after(after, BAD, NOW)
    assert tripped.until == NOW + trust.LONGEST
    calm = passing(after, (30 * HOUR, GOOD), (trust.LONGEST, BAD))
    assert calm.trips == 1


def test_watching_ends_only_well_below_its_line():
    watched = trust.after(FRESH, of(45), NOW)
    assert watched.trust is Trust.WATCH
    assert trust.after(watched, of(36), NOW).trust is Trust.WATCH, "it would not begin by this"
    assert trust.after(FRESH, of(36), NOW).trust is Trust.OK
    assert trust.after(watched, of(20), NOW).trust is Trust.OK


def test_what_a_person_holds_is_held_until_a_person_lets_it_go():
    held = trust.held(FRESH, "ada", "legal asked", NOW)
    much_later = passing(held, (1000 * HOUR, GOOD))
    assert (much_later.trust, much_later.why, much_later.set_by) == (
        Trust.HELD, "legal asked", "ada",
    )  # fmt: skip
    lifted = trust.lifted(much_later, "bo", "they agreed", NOW + HOUR)
    assert (lifted.trust, lifted.forgiven_at) == (Trust.OK, NOW + HOUR)


@pytest.mark.parametrize("found", [GOOD, SO_SO])
def test_what_is_not_paused_cannot_be_let_go(found: tuple[Rate, ...]):
    with pytest.raises(ValueError, match="topic:news is not paused"):
        trust.lifted(trust.after(FRESH, found, NOW), "ada", "why", NOW)


moves = st.lists(st.tuples(st.integers(1, 240), st.sampled_from([GOOD, SO_SO, BAD])), max_size=40)


@settings(max_examples=100, deadline=None)
@given(moves)
def test_it_never_flaps(looks: list[tuple[int, tuple[Rate, ...]]]):
    """Whatever is seen: a pause is whole, and what follows it is a probation, never all at once."""
    before, at = FRESH, NOW
    for minutes, found in looks:
        at += minutes * MINUTE
        after = trust.after(before, found, at)
        if before.trust is Trust.TRIPPED and after.trust is not Trust.TRIPPED:
            assert after.trust is Trust.PROBATION
            assert at - before.since >= trust.SHORTEST
        if after.trust is Trust.TRIPPED:
            assert after.until is not None
            assert trust.SHORTEST <= after.until - after.since <= trust.LONGEST
        before = after
