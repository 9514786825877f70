"""Rates: by their lower bound, against lines, and silent where nobody would tell."""

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from delivery.reputation.rates import LINES, floor, level, lines_of, rates, worst
from delivery.reputation.sentences import UNHEARD, advice, said, why
from models.records import Counts, Level, Measure, Rate, Window

TOPIC = "topic:news"
few = settings(max_examples=200, deadline=None)
mails = st.integers(0, 200_000)


def judged(counts: Counts, scope: str = TOPIC, measure: Measure = Measure.BOUNCES) -> Rate:
    found = rates(scope, {Window.DAY: counts}, LINES)
    return next(rate for rate in found if rate.measure is measure)


@pytest.mark.parametrize(
    ("dead", "sent", "expected"),
    [
        (0, 0, Level.OK),
        (1, 3, Level.OK),
        (99, 99, Level.OK),
        (10, 100, Level.WATCH),
        (11, 100, Level.TRIPPED),
        (50, 1000, Level.WATCH),
        (70, 1000, Level.TRIPPED),
        (20, 1000, Level.OK),
        (5000, 100_000, Level.WATCH),
        (5200, 100_000, Level.TRIPPED),
    ],
)
def test_bounces_trip_at_half_of_where_amazon_pauses(dead: int, sent: int, expected: Level):
    assert judged(Counts(sent=sent, dead=dead)).level is expected


@pytest.mark.parametrize(
    ("complained", "delivered", "expected"),
    [
        (3, 100, Level.OK),
        (1, 1000, Level.OK),
        (4, 1000, Level.WATCH),
        (5, 1000, Level.TRIPPED),
        (100, 100_000, Level.WATCH),
        (200, 100_000, Level.TRIPPED),
        (40, 100_000, Level.OK),
    ],
)
def test_complaints_trip_at_half_of_where_gmail_refuses(
    complained: int, delivered: int, expected: Level
):
    counts = Counts(sent=delivered * 2, audience=delivered, complained=complained, told=1)
    assert judged(counts, measure=Measure.COMPLAINTS).level is expected


def test_what_came_back_without_a_reason_is_a_bounce_and_a_full_mailbox_is_none():
    assert judged(Counts(sent=1000, dead=40, unclear=40)).hits == 80


def test_more_that_came_back_than_was_sent_is_all_of_it():
    assert judged(Counts(sent=10, dead=400)).share == 1


@few
@given(mails, mails)
def test_the_bound_is_never_above_the_share(hits: int, more: int):
    of = hits + more
    assert 0 <= floor(hits, of) <= (hits / of if of else 0) + 1e-12


@few
@given(mails, st.integers(1, 200_000), st.integers(1, 1000))
def test_more_hits_are_never_better_and_more_mails_never_worse(hits: int, more: int, plus: int):
    of = hits + more
    assert floor(hits, of) <= floor(min(hits + plus, of), of) + 1e-12
    assert floor(hits, of + plus) <= floor(hits, of) + 1e-12


@few
@given(st.sampled_from(Measure), st.integers(0, 499), st.data())
def test_nothing_is_concluded_of_few_mails(measure: Measure, sent: int, data: st.DataObject):
    sent = min(sent, LINES[measure].least - 1)
    hits = data.draw(st.integers(0, sent))
    counts = Counts(sent=sent, dead=hits, policy=hits, complained=hits, audience=sent, told=1)
    assert judged(counts, measure=measure).level is Level.OK


@pytest.mark.parametrize("measure", Measure)
def test_our_lines_are_at_half_of_the_receivers(measure: Measure):
    line = LINES[measure]
    assert (line.watch, line.trip) == (line.review / 2, line.act / 2)


def test_settings_move_our_lines_and_not_the_receivers():
    lines = lines_of(dict.fromkeys(Measure, (1.0, 2.0)))
    assert all((line.watch, line.trip) == (0.01, 0.02) for line in lines.values())
    assert lines[Measure.BOUNCES].act == LINES[Measure.BOUNCES].act


def test_without_feedback_a_rate_says_so_and_is_neither_nothing_nor_all():
    silent = judged(Counts(sent=5000, audience=5000))
    assert (silent.share, said(silent)) == (None, UNHEARD)
    assert said(judged(Counts(sent=5000, told=1))) == "0 %"


def test_what_a_server_said_at_once_is_known_without_feedback_too():
    assert said(judged(Counts(sent=1000, dead=100))) == "10 %"


def test_gmail_tells_of_no_complaints_though_it_tells_of_deliveries():
    counts = Counts(sent=1000, delivered=1000, told=1000)
    found = judged(counts, "destination:example.com/google", Measure.COMPLAINTS)
    assert found.share is None
    assert said(judged(counts, "destination:example.com/google")) == "0 %"


def test_the_worst_is_what_trips_first_of_all_measures_and_windows():
    counts = Counts(sent=10_000, audience=10_000, dead=300, complained=60, told=1)
    found = rates(TOPIC, {Window.HOUR: Counts(), Window.DAY: counts}, LINES)
    assert level(found) is Level.TRIPPED
    heaviest = worst(found)
    assert heaviest is not None
    assert (heaviest.measure, heaviest.window) == (Measure.COMPLAINTS, Window.DAY)
    assert why(found) == (
        "60 of 10000 mails in 24 hours were called spam, 0.6 %; our line is 0.15 %."
        " Gmail and Yahoo: 0.3 %."
    )
    assert "asked for it" in advice(found)


def test_of_nothing_there_is_nothing_to_say():
    found = rates(TOPIC, dict.fromkeys(Window, Counts()), LINES)
    assert (worst(found), why(found), advice(found), level(found)) == (None, "", "", Level.OK)


def test_a_rate_that_was_refused_for_policy_names_no_receivers_line():
    found = rates(TOPIC, {Window.DAY: Counts(sent=1000, policy=200, told=1)}, LINES)
    assert why(found).endswith("our line is 5 %.")
    assert "DKIM" in advice(found)
    assert replace(found[0], hits=0, heard=False).share is None
