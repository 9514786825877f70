"""What numbers say: whether the rest may follow, who wins, and how sure that is."""

import pytest
from hypothesis import given, strategies as st

from delivery.campaigns import judging
from delivery.campaigns.body import Canary, Variant, Winner
from delivery.campaigns.judging import Count, tally
from delivery.campaigns.statistics import Difference, Share

CANARY = Canary.model_validate({"share": 1, "after": "30 min"})
WINNER = Winner.model_validate({"share": 20, "after": "1 h", "by": "clicked"})
VARIANTS = (Variant(key="a"), Variant(key="b"))


def counts(**states: int) -> list[Count]:
    return [Count("1/first/", "email", state, "", number, 0) for state, number in states.items()]


def test_counts_are_what_came_in_less_what_went_on():
    found = tally(
        [
            Count("1/first/a", "email", "sent", "", 100, 60),
            Count("1/first/a", "email", "delivered", "", 60, 0),
            Count("1/first/a", "email", "skipped", "opted_out", 7, 0),
            Count("1/first/a", "email", "opened", "person", 20, 20),
            Count("1/first/a", "email", "opened", "prefetch", 30, 30),
            Count("1/first/a", "email", "clicked", "scanner", 5, 5),
            Count("1/first/a", "email", "opens", "person", 44, 44),
        ]
    )
    assert (found.handed_over, found.settled) == (100, 107)
    assert found.unsent == {("skipped", "opted_out"): 7}
    assert (found.opened, found.clicked, found.machines) == (20, 0, 35)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (counts(sent=1000), None),
        (counts(sent=2, bounced=1), None),
        (counts(sent=900, bounced=100), "Of its canary 10.0% bounced, more than 5 %."),
        (counts(sent=1000, complained=20), "Of its canary 2.0% complained, more than 0.3 %."),
        (counts(sent=80, failed=20), "Of its canary 20.0% failed, more than 5 %."),
        (counts(in_doubt=100), "Of its canary 100.0% failed, more than 5 %."),
        ([], None),
    ],
)
def test_a_canary_that_fares_badly_stops_the_rest(found: list[Count], why: str | None):
    assert judging.trouble(CANARY, tally(found)) == why


def test_the_best_rate_wins_and_not_the_largest_number():
    found = {"a": tally(counts(sent=1000, clicked=0)), "b": tally(counts(sent=10))}
    more = Count("1/first/b", "email", "clicked", "person", 2, 2)
    found["b"] = tally([*counts(sent=10), more])
    assert judging.winner(WINNER, VARIANTS, found) == "b"


def test_of_equals_the_first_wins():
    assert judging.winner(WINNER, VARIANTS, {}) == "a"


def test_wilson_s_interval_is_the_published_one():
    # Newcombe (1998), two-sided 95 %: 81 of 263.
    low, high = Share(81, 263).interval
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_newcombe_s_interval_is_the_published_one():
    # Newcombe (1998), table II, method 10: 56/70 against 48/80.
    low, high = Difference(Share(56, 70), Share(48, 80)).interval
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


@given(of=st.integers(1, 10**6), data=st.data())
def test_the_rate_lies_in_its_interval(of: int, data: st.DataObject):
    share = Share(data.draw(st.integers(0, of)), of)
    low, high = share.interval
    assert 0 <= low <= share.rate + 1e-9
    assert share.rate - 1e-9 <= high <= 1


def test_too_few_are_said_to_be_too_few():
    assert Share(50, 99).is_small
    assert not Difference(Share(90, 99), Share(1, 99)).is_clear
    assert Difference(Share(500, 1000), Share(300, 1000)).is_clear
    assert Share(0, 0).interval == (0.0, 1.0)
