"""Which account carries a message, when it is let rest, and how fast it may go."""

from collections import Counter
from datetime import date, timedelta
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from delivery.errors import (
    AccountError,
    AddressRefused,
    ContentRefused,
    InDoubtError,
    LeaseLostError,
    Reply,
    ThrottledError,
    TransientError,
    UnavailableError,
)
from delivery.messages import Receipt
from delivery.roads.accounts import choose, passes_on, telling
from delivery.roads.breaker import (
    FAILURES,
    PROBE_LASTS,
    Sign,
    after,
    healthy,
    is_healthy,
    may_probe,
    probing,
    sign,
)
from delivery.roads.pacing import allowed, asks_to_slow_down, ceiling, interval, slowed, strictest
from models.reasons import Failure
from models.records import Account, BreakerState as B, Pace
from tests.values import NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
OK = Receipt(Reply(250, "ok"))


def account(key: str, priority: int = 0, weight: int = 1) -> Account:
    return Account(key, "smtp", "email", "smtp://x", priority, weight)


def test_the_most_important_account_comes_first_whatever_the_draw():
    accounts = [account("spare"), account("main", priority=5), account("old", weight=99)]
    assert {choose(accounts, draw / 10) for draw in range(10)} == {accounts[1]}
    assert choose([], 0.5) is None


def test_equals_share_by_weight():
    accounts = [account("a", weight=3), account("b", weight=1), account("c", weight=0)]
    hits = Counter(choose(accounts, (draw + 0.5) / 100) for draw in range(100))
    assert [hits[each] for each in accounts] == [60, 20, 20]


ENDS = [
    (OK, False),
    (TransientError("x"), True),
    (ThrottledError("x"), True),
    (UnavailableError("x"), True),
    (AccountError("x"), True),
    (InDoubtError("x", Failure.NO_ANSWER), False),
    (AddressRefused("x"), False),
    (ContentRefused("x"), False),
    (LeaseLostError("x"), False),
    (KeyError("x"), False),
]


@pytest.mark.parametrize(("end", "passed"), ENDS)
def test_only_a_definite_not_now_is_passed_on(end: Receipt | Exception, *, passed: bool):
    assert passes_on(end) == passed


def test_a_broken_account_does_not_hide_what_another_said():
    later, broken = TransientError("later"), AccountError("bad password")
    assert telling([later, broken]) is later
    assert telling([broken, later]) is later
    assert telling([broken, AccountError("too")]).args == ("too",)
    assert telling([later, OK]) is OK


BAD, GOOD = Sign(NOW, "away"), Sign(NOW)


def test_opens_after_five_failures_in_a_row_and_not_before():
    closed = healthy("main", NOW)
    almost = reduce(after, [BAD] * (FAILURES - 1), closed)
    assert (almost.state, after(almost, BAD).state) == (B.CLOSED, B.OPEN)
    assert is_healthy(after(almost, GOOD))
    mixed = reduce(after, [BAD, BAD, GOOD] * 20, closed)
    assert mixed.state is B.CLOSED


def test_bad_credentials_open_at_once_and_a_refusal_is_a_good_sign():
    grave = sign(AccountError("535 no"), NOW, 1.0)
    opened = after(healthy("main", NOW), grave)
    assert (opened.state, opened.last_error) == (B.OPEN, "535 no")
    for end in (OK, ContentRefused("spam"), AddressRefused("who?"), TransientError("full")):
        assert sign(end, NOW, 0.5).error is None
    for bad in (UnavailableError("x"), InDoubtError("x", Failure.NO_ANSWER)):
        assert sign(bad, NOW, 0.5).error == "x"


def test_pauses_double_up_to_ten_minutes_and_what_was_on_its_way_changes_nothing():
    breaker, pauses = healthy("main", NOW), []
    for _ in range(9):
        opened = after(breaker, Sign(NOW, "no", grave=True, jitter=1.0))
        assert opened.retry_at
        assert after(opened, GOOD) == opened
        assert after(opened, BAD).retry_at == opened.retry_at
        pauses.append((opened.retry_at - NOW).total_seconds())
        breaker = probing(opened, NOW)
    assert pauses == [10, 20, 40, 80, 160, 320, 600, 600, 600]
    shortest = after(healthy("main", NOW), Sign(NOW, "no", grave=True, jitter=0.0))
    assert shortest.retry_at == NOW + 5 * SECOND


def test_a_probe_decides_and_one_without_news_is_made_anew():
    opened = after(healthy("main", NOW), Sign(NOW, "no", grave=True, jitter=1.0))
    assert not may_probe(healthy("main", NOW), NOW)
    assert not may_probe(opened, NOW + 9 * SECOND)
    assert may_probe(opened, NOW + 10 * SECOND)
    half = probing(opened, NOW)
    assert not may_probe(half, NOW + PROBE_LASTS - SECOND)
    assert may_probe(half, NOW + PROBE_LASTS)
    assert is_healthy(after(half, GOOD))
    assert after(half, GOOD).openings == 0
    assert (after(half, BAD).state, after(half, BAD).openings) == (B.OPEN, 2)


@pytest.mark.parametrize(
    ("end", "slow"),
    [
        (ThrottledError("x"), True),
        (ThrottledError("x", Reply(421, "4.7.0 slow down", "4.7.0")), True),
        (TransientError("x", Reply(450, "policy", "4.7.28")), True),
        (TransientError("x", Reply(451, "Too many messages, try later")), True),
        (UnavailableError("x", Reply(421, "rate limited")), True),
        (TransientError("x", Reply(450, "mailbox busy", "4.2.1")), False),
        (TransientError("x", Reply(451, "Greylisting in action", "4.7.1")), False),
        (UnavailableError("x", Reply(421, "going down", "4.3.2")), False),
        (ContentRefused("x", Reply(554, "rate", "5.7.1")), False),
        (OK, False),
    ],
)
def test_who_asks_us_to_slow_down(end: Receipt | Exception, *, slow: bool):
    assert asks_to_slow_down(end) == slow


def test_each_deferral_halves_the_pace_and_each_quiet_minute_wins_half_of_it_back():
    pace = Pace("main", "google", NOW)
    first = slowed(pace, NOW, None)
    assert first == 300
    learned = Pace("main", "google", NOW, first, NOW)
    assert slowed(learned, NOW + 9 * SECOND, None) is None, "one lesson, not forty"
    assert slowed(learned, NOW + 11 * SECOND, None) == 150
    assert allowed(learned, NOW + 59 * SECOND) == 300
    assert allowed(learned, NOW + MINUTE) == 450
    assert allowed(learned, NOW + 10 * MINUTE) is None
    assert allowed(pace, NOW) is None
    crawling = Pace("main", "google", NOW, 6, NOW)
    assert slowed(crawling, NOW + MINUTE // 2, None) == 6


def test_a_set_limit_is_where_slowing_down_begins():
    assert slowed(Pace("main", "google", NOW), NOW, 60) == 30
    assert [strictest(60, None), strictest(None, 30), strictest(60, 30)] == [60, 30, 30]
    assert strictest(None, None) is None


@given(st.integers(1, 100_000))
def test_no_minute_holds_more_moments_than_allowed(per_minute: int):
    # From one use to a minute later: moments of that minute and those that waited for a burst.
    assert (MINUTE + SECOND) / interval(per_minute) <= per_minute


def test_a_new_domain_warms_up_from_fifty_to_a_hundred_thousand_in_sixteen_days():
    first = date(2026, 11, 1)
    days = [ceiling(first, first + timedelta(days=number)) for number in range(18)]
    assert (days[0], days[15], days[16:]) == (50, 100_000, [None, None])
    steps = [day for day in days if day is not None]
    assert all(1.5 < after / before < 1.8 for before, after in pairwise(steps))
    assert ceiling(first, first - timedelta(days=3)) == 50
