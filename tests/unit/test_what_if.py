"""Deciding a past again: what other caps, quiet hours and digests would have made of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from delivery.rulebook import RulebookError
from delivery.simulation import run
from delivery.simulation.proposal import Proposal, propose
from delivery.simulation.tally import LAGS, Tally, lag
from models import ids
from models.records import Past, Profile, Recorded, Step, StoredEvent
from tests.values import SOURCE, make_topic

START = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
SPAN = timedelta(days=7)
END = START + SPAN
MAIL = Step("email", "email", "words")
NEWS = make_topic("news", steps=(MAIL,))
TOPICS = {"news": NEWS}
NIGHTS = {"key": "nights", "quiet": ["daily 22:00-07:00"], "classes": ["transactional"]}
TWO_A_DAY = {
    "key": "two", "limit": 2, "per": "day", "classes": ["transactional"], "over": "skip",
    "exempts": [],
}  # fmt: skip


def event_of(number: int) -> Any:
    return ids.event_id(SOURCE, ids.outbox_id(SOURCE, str(number), b""), START.date())


def recorded(
    hour: float, recipient: str = "anna", number: int | None = None, **values: Any
) -> Recorded:
    at = START + timedelta(hours=hour)
    event = event_of(int(hour * 60) if number is None else number)
    default = {
        "delivery_id": ids.delivery_id(event, recipient, "email", "email"), "event_id": event,
        "recipient_id": recipient, "topic": "news", "channel": "email", "step": "email",
        "campaign": None, "state": "sent", "reason": None, "created_at": at, "due_at": at,
        "sent_at": at, "digest": False,
    }  # fmt: skip
    return Recorded(**{**default, **values})


def _event(one: Recorded) -> StoredEvent:
    return StoredEvent(
        event_id=one.event_id, topic="news", data="{}", actor="bo", thread=None, tags=None,
        locale=None, tenant=None, priority=5, not_before=None, expires_at=None, test=False,
        created_at=one.created_at,
    )  # fmt: skip


def decided(past: Sequence[Recorded], document: dict[str, Any], **profile: Any) -> Tally:
    proposal = propose(document, TOPICS)
    people = {one.recipient_id: Profile(one.recipient_id, **profile) for one in past}
    events = {one.event_id: _event(one) for one in past}
    tally = Tally()
    run.add(tally, Past(past, people, events), proposal, START)
    return tally


def outcomes(counts: Counter[Any]) -> dict[str, int]:
    return {outcome: number for (_, outcome), number in counts.items()}


def test_without_rules_all_goes_as_it_went():
    tally = decided([recorded(1), recorded(2)], {})
    assert outcomes(tally.before) == outcomes(tally.after) == {"sent": 2}
    assert (tally.decisions, tally.recipients, tally.affected) == (2, 1, [])
    assert tally.lags == {"at once": 2}


def test_quiet_hours_hold_until_the_morning_of_the_recipient():
    tally = decided([recorded(3), recorded(12)], {"quiet_hours": [NIGHTS]}, timezone="UTC")
    assert outcomes(tally.after) == {"sent": 2}
    assert tally.held == {(("news", None), "quiet_hours"): 1}
    assert tally.lags == {"at once": 1, "within 12 h": 1}
    elsewhere = decided([recorded(3)], {"quiet_hours": [NIGHTS]}, timezone="Asia/Tokyo")
    assert elsewhere.held == {}


def test_a_cap_skips_what_is_too_much_and_says_who_is_affected():
    past = [recorded(hour) for hour in (1, 2, 3, 4, 25)] + [recorded(1, "bo")]
    tally = decided(past, {"caps": [TWO_A_DAY]})
    assert outcomes(tally.after) == {"sent": 4, "skipped:over_cap": 2}
    (affected,) = tally.affected
    assert (affected.recipient_id, affected.before, affected.after) == ("anna", 5, 3)
    assert tally.messages == (6, 4)


def test_a_cap_counts_what_went_before_the_days_that_are_asked_about():
    past = [recorded(-2), recorded(-1), recorded(1)]
    weekly = {**TWO_A_DAY, "per": None, "within": "7 days"}
    tally = decided(past, {"caps": [weekly]})
    assert outcomes(tally.before) == {"sent": 1}
    assert outcomes(tally.after) == {"skipped:over_cap": 1}


def test_a_digest_makes_one_message_of_many():
    past = [recorded(1 + minute / 60) for minute in range(10)] + [recorded(9)]
    rule = {"kind": "debounce", "steps": ["email"], "by": ["actor"], "wait": "10m"}
    tally = decided(past, {"topics": {"news": {"digest": rule}}})
    assert outcomes(tally.before) == {"sent": 11}
    assert outcomes(tally.after) == {"digested": 11, "sent": 2}


def test_what_other_policies_said_stays():
    past = [
        recorded(1, state="skipped", reason="opted_out", sent_at=None),
        recorded(2, state="skipped", reason="over_cap", sent_at=None),
        recorded(3, state="failed", reason="rendering", sent_at=None),
        recorded(4, state="digested", sent_at=None),
        recorded(5, digest=True),
    ]
    tally = decided(past, {})
    assert outcomes(tally.before) == {
        "skipped:opted_out": 1, "skipped:over_cap": 1, "failed": 1, "digested": 1, "sent": 1,
    }  # fmt: skip
    assert outcomes(tally.after) == {"skipped:opted_out": 1, "failed": 1, "sent": 2}


def test_each_part_of_the_recipients_is_read_once_and_progress_is_told():
    asked: list[tuple[str, datetime]] = []

    def load(part: str, since: datetime) -> Past:
        asked.append((part, since))
        return Past([recorded(1, part)], {}, {})

    proposal = propose({"caps": [{**TWO_A_DAY, "per": None, "within": "3 days"}]}, TOPICS)
    told = [tally.decisions for tally in run.simulate(load, ["a", "b"], proposal, END, SPAN)]
    assert told == [1, 2]
    assert asked == [("a", START - timedelta(days=3)), ("b", START - timedelta(days=3))]


@pytest.mark.parametrize(
    ("topics", "place", "said"),
    [
        ([], "topics", "write"),
        ({"newz": {"digest": False}}, "topics.newz", "no such topic"),
        ({"news": {}}, "topics.news", "say digest"),
        ({"news": {"digest": {"kind": "never"}}}, "topics.news.digest", ""),
    ],
)
def test_a_proposal_that_makes_no_sense_is_refused(topics: Any, place: str, said: str):
    with pytest.raises(RulebookError) as caught:
        propose({"topics": topics}, TOPICS)
    ((where, what),) = caught.value.faults
    assert where == place
    assert said in what


def test_a_wait_has_a_name():
    assert [lag(most) for _, most in LAGS] == [name for name, _ in LAGS]
    assert lag(timedelta(days=2)) == "later"


HOURLY = {"news": {"digest": {"kind": "fixed", "steps": ["email"], "wait": "1h"}}}


@given(
    hours=st.lists(st.floats(0, 160, allow_nan=False), max_size=30, unique=True),
    topics=st.sampled_from([{}, HOURLY]),
    cap=st.integers(1, 5),
)
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_whatever_the_rules(hours: list[float], topics: dict[str, Any], cap: int):
    past = [recorded(hour, number=number) for number, hour in enumerate(sorted(hours))]
    rules = {"quiet_hours": [NIGHTS], "caps": [{**TWO_A_DAY, "limit": cap}]}
    after = outcomes(decided(past, {**rules, "topics": topics}).after)
    messages = after.get("sent", 0) + sum(
        number for outcome, number in after.items() if outcome.startswith("skipped")
    )
    if topics:
        assert after.get("digested", 0) == len(past)
        assert messages <= len(past)
    else:
        assert messages == len(past)


def test_a_proposal_knows_how_far_it_looks_back():
    proposal = propose({"caps": [{**TWO_A_DAY, "per": None, "within": "3 days"}]}, TOPICS)
    assert isinstance(proposal, Proposal)
    assert proposal.reaches_back == timedelta(days=3)
    assert propose({}, TOPICS).reaches_back == timedelta()


def test_tags_and_digests_alone_ask_for_events():
    assert propose({"caps": [TWO_A_DAY]}, TOPICS).asks_events == frozenset()
    tagged = {**TWO_A_DAY, "tags": ["launch"]}
    assert propose({"caps": [tagged]}, TOPICS).asks_events == {"news"}
