"""A topic's throttle: what counts under which value, and what becomes of what is over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from delivery.limits import slots, throttles
from delivery.policies import throttle as policy
from delivery.ports import Draft
from delivery.rulebook import sentence
from delivery.verdicts import HoldUntil, Keep, SkipBecause
from models.reasons import Hold, Skip
from models.records import Class, Facts, Ledger, Over, Stamp, Throttle, throttle_of
from tests.values import NOW, make_draft, make_facts, make_topic

HOUR = timedelta(hours=1)
TWO = Throttle(2, HOUR, "board.id")
ME = UUID(int=9)


def value(data: str, throttle: Throttle = TWO, **topic: Any) -> bytes | None:
    return throttles.value_of(data, make_topic(throttle=throttle, **topic), test=False)


def draft(throttle: Throttle = TWO, who: UUID = ME, **values: Any) -> Draft:
    topic = make_topic(throttle=throttle)
    return make_draft(topic=topic, delivery_id=who, throttled=b"value", expires_at=None, **values)


def facts(*ago: timedelta, throttle: Throttle = TWO) -> Facts:
    stamps = tuple(Stamp(NOW - each, UUID(int=n)) for n, each in enumerate(ago))
    return make_facts(
        "a@x.test", ledger=Ledger(slots={throttles.counter(draft(throttle)) or "": stamps})
    )


def test_each_value_of_the_key_has_slots_of_its_own():
    one, other = value('{"board": {"id": 1}}'), value('{"board": {"id": 2}}')
    assert one != other
    assert one == value('{"board": {"id": 1, "name": "x"}, "y": 2}')
    assert value("{}") == value('{"board": 7}') == value('{"board": {"id": null}}')
    assert value('{"board": 1}', Throttle(2, HOUR)) == value("{}", Throttle(2, HOUR))


@pytest.mark.parametrize(
    ("topic", "test"),
    [({"throttle": None}, False), ({"klass": Class.CRITICAL}, False), ({}, True)],
)
def test_without_a_throttle_of_critical_and_of_tests_nothing_counts(topic: Any, *, test: bool):
    made = make_topic(**{"throttle": TWO, **topic})
    assert throttles.value_of("{}", made, test=test) is None


@pytest.mark.parametrize(
    ("ago", "over", "verdict"),
    [
        ((), Over.SKIP, Keep("0/2")),
        ((HOUR, HOUR / 2), Over.SKIP, Keep("1/2")),
        ((HOUR / 3, HOUR / 2), Over.SKIP, SkipBecause(Skip.THROTTLED, "2/2")),
        ((HOUR / 3, HOUR / 2), Over.HOLD, HoldUntil(NOW + HOUR / 2, Hold.THROTTLE, "2/2")),
    ],
)
def test_what_is_over_is_skipped_or_waits(ago: Any, over: Over, verdict: Any):
    throttle = replace(TWO, over=over)
    assert policy.decide(draft(throttle), facts(*ago, throttle=throttle), NOW) == verdict


def test_it_waits_at_most_until_it_expires():
    throttle = replace(TWO, over=Over.HOLD)
    soon = replace(draft(throttle), expires_at=NOW + HOUR / 4)
    held = policy.decide(soon, facts(HOUR / 3, HOUR / 2, throttle=throttle), NOW)
    assert held == HoldUntil(NOW + HOUR / 4, Hold.THROTTLE, "2/2")


def test_without_a_value_nothing_is_asked():
    full = facts(HOUR / 3, HOUR / 2)
    assert policy.decide(replace(draft(), throttled=None), full, NOW) == Keep()
    assert policy.decide(replace(draft(), topic=make_topic()), full, NOW) == Keep()


def test_who_is_kept_takes_a_slot_that_moves_and_what_is_over_is_forgotten():
    known = facts(2 * HOUR)
    after = slots.after(Keep(), draft(), known, NOW)
    name = throttles.counter(draft()) or ""
    assert after.slots[name][-1] == Stamp(NOW, ME)
    later = slots.after(Keep(), draft(), replace(known, ledger=after), NOW + HOUR / 2)
    assert [stamp.delivery_id for stamp in later.slots[name]].count(ME) == 1
    other = replace(draft(), throttled=b"other")
    gone = slots.after(Keep(), other, replace(known, ledger=later), NOW + 2 * HOUR)
    assert set(gone.slots) == {throttles.counter(other)}


def test_it_is_kept_as_it_was_said():
    for throttle in (TWO, Throttle(1, timedelta(days=1), None, Over.HOLD)):
        assert throttle_of(throttle.stored()) == throttle
    assert throttle_of(None) is None
    assert throttle_of({"limit": 1, "seconds": 60}) == Throttle(1, timedelta(minutes=1))


def test_it_is_said_as_a_sentence():
    assert sentence(TWO) == (
        "At most 2 to one recipient in any 1 hour for each data.board.id; more is not sent."
    )
    assert policy.tell("2/2") == "2 of at most 2 were sent within the window of its topic."
