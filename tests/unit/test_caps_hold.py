"""Whatever comes, no window holds more than its cap."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from delivery.limits import slots
from delivery.limits.periods import begin_of, end_of
from delivery.policies import frequency_cap
from delivery.ports import Rules
from delivery.simulation.proposal import propose
from delivery.simulation.replay import Fate, Replay
from delivery.verdicts import HoldUntil, Keep
from models import ids
from models.records import (
    Cap,
    Class,
    Period,
    Profile,
    Step,
    Topic,
)
from tests.unit.test_caps import PROMO, TELLS, draft, facts
from tests.values import EVENT, NOW, make_facts, make_topic


@given(
    st.lists(st.integers(0, 3000), min_size=1, max_size=60),
    st.integers(1, 4),
    st.sampled_from([timedelta(minutes=1), timedelta(minutes=17), Period.DAY]),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata"]),
    st.sets(st.integers(0, 59)),
)
def test_whoever_asks_whenever_no_window_holds_more_than_the_limit(
    moments: Sequence[int], limit: int, window: timedelta | Period, zone: str, back: set[int]
):
    """Deliveries ask at any moment, some give back; then every window is looked at."""
    cap = Cap("c", PROMO.picks, limit, window)
    known, went = facts(cap, zone=zone), dict[UUID, datetime]()
    for number, minute in enumerate(sorted(moments)):
        at, who = NOW + timedelta(minutes=minute), UUID(int=number)
        each = replace(draft(cap), delivery_id=who)
        verdict = frequency_cap.decide(each, known, at)
        ledger = slots.after(verdict, each, known, at)
        if isinstance(verdict, Keep):
            went[who] = at
            if number in back:
                del went[who]
                ledger = slots.given_back(ledger, {who})
        else:
            assert isinstance(verdict, HoldUntil)
            assert isinstance(frequency_cap.decide(each, known, verdict.until), Keep)
        known = replace(known, ledger=ledger)
    for at in went.values():
        if isinstance(window, Period):
            begin, end = begin_of(window, at, zone), end_of(window, at, zone)
        else:
            begin, end = at, at + window
        assert sum(begin <= other < end for other in went.values()) <= limit


_CLOCKS_CHANGE = datetime(2026, 10, 24, 3, tzinfo=UTC)
"""The day before they are put back in Europe."""


@given(
    st.lists(st.integers(0, 4000), min_size=1, max_size=40),
    st.integers(1, 3),
    st.sampled_from([{"within": "3 hours"}, {"within": "25 hours"}, {"per": "day"}]),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]),
)
def test_whatever_comes_each_ends_once_and_no_window_holds_more_than_the_limit(
    moments: Sequence[int], limit: int, window: dict[str, str], zone: str
):
    """Under a cap that collects, with a day of 25 hours: the whole replay of somebody's news."""
    topic = make_topic(
        klass=Class.PROMOTIONAL, lifetime=timedelta(days=99),
        steps=(TELLS, replace(TELLS, key="short", tells_many=False)),
    )  # fmt: skip
    rule = {
        "key": "c", "limit": limit, **window, "over": "digest",
        "digest": {"every": "day", "at": "18:00"},
    }  # fmt: skip
    proposal = propose({"caps": [rule]}, {topic.key: topic})
    steps = [topic.steps[number % 2] for number in range(len(moments))]
    again = Replay(proposal, make_facts(profile=Profile("anna", timezone=zone)))
    fates = list(again.run(_drafts(moments, steps, topic, proposal.rules)))
    assert again.decisions <= 60 * len(moments)  # no digest is collected, or asks, for ever
    ended = Counter(one.outcome for one in fates)
    assert ended.keys() <= {"sent", "digested"}
    assert ended["digested"] + ended["sent"] - _messages(fates) == len(moments)
    _no_more_than(limit, proposal.book.caps[0].window, [o.at for o in fates if o.interrupts], zone)
    _at_six(fates, zone)


def _messages(fates: Iterable[Fate]) -> int:
    """How many digests went: what closes for somebody at one moment is one message."""
    return len({one.at for one in fates if one.outcome == "digested"})


def _drafts(moments: Sequence[int], steps: Sequence[Step], topic: Topic, rules: Rules) -> Any:
    for number, (minute, step) in enumerate(zip(moments, steps, strict=True)):
        at = _CLOCKS_CHANGE + timedelta(minutes=minute)
        who = ids.delivery_id(EVENT, f"anna {number}", "email", step.key)
        each = draft(delivery_id=who, topic=topic, step=step, rules=rules)
        yield each, at


def _no_more_than(
    limit: int, window: timedelta | Period, went: Sequence[datetime], zone: str
) -> None:
    for at in went:
        if isinstance(window, Period):
            begin, end = begin_of(window, at, zone), end_of(window, at, zone)
        else:
            begin, end = at, at + window
        assert sum(begin <= other < end for other in went) <= limit


def _at_six(fates: Sequence[Fate], zone: str) -> None:
    """Digests close at six by the recipient's clock, also on the long day."""
    for one in fates:
        if one.outcome == "digested":
            assert f"{one.at.astimezone(ZoneInfo(zone)):%H:%M}" == "18:00"
