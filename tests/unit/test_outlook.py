"""What would become of an event that came now."""

from datetime import timedelta
from typing import Any

import pytest

from delivery.gate import Round
from delivery.outlook import Prospect, due, foresee, supposed
from delivery.ports import Rules
from delivery.rulebook import read
from delivery.verdicts import Collect, HoldUntil, Keep, SkipBecause, Verdict
from models.reasons import Hold, Skip
from models.records import Class, Facts, OnUnsent, Step, Topic, Unless, read_digest
from tests.values import NOW, make_facts, make_topic

ANNA = make_facts("anna@example.com")
NIGHT = {"quiet_hours": [{"key": "always", "quiet": ["daily 00:00-23:59"]}]}
FEED = Step("in_app", "in_app", "board-item")
LATER = Step("email", "email", "board-mail", timedelta(minutes=15), Unless.READ)


def foreseen(topic: Topic, facts: Facts = ANNA, book: Any = None) -> list[Prospect]:
    made = supposed(topic, "anna", '{"board": "Roadmap"}', NOW)
    rules = Rules(rulebook=read(book or {}))
    return foresee(made, topic, facts, {one.channel: rules for one in made}, NOW)


def verdicts(topic: Topic, facts: Facts = ANNA, book: Any = None) -> list[Verdict]:
    return [one.verdict for one in foreseen(topic, facts, book)]


def test_what_nothing_holds_would_go():
    assert [type(one) for one in verdicts(make_topic())] == [Keep, Keep]


def test_a_step_that_waits_would_wait_for_what_would_go_before_it():
    first, second = verdicts(make_topic(steps=(FEED, LATER)))
    assert isinstance(first, Keep)
    assert isinstance(second, HoldUntil)
    assert (second.until, second.reason) == (NOW + timedelta(minutes=15), Hold.PREVIOUS_STEP)


@pytest.mark.parametrize(("then", "expected"), [(OnUnsent.STOP, SkipBecause), (OnUnsent.GO, Keep)])
def test_a_step_hears_that_the_one_before_it_would_not_go(then: OnUnsent, expected: type[Verdict]):
    unsent = Step("in_app", "in_app", None)
    second = Step("email", "email", "board-mail", timedelta(minutes=15), None, then)
    assert [type(one) for one in verdicts(make_topic(steps=(unsent, second)))] == [
        SkipBecause, expected,
    ]  # fmt: skip


def test_rules_and_wishes_count_as_in_earnest():
    promo = make_topic(klass=Class.PROMOTIONAL)
    mail, feed = verdicts(promo, book=NIGHT)
    assert isinstance(mail, HoldUntil)
    assert isinstance(feed, Keep)
    muted = make_facts("anna@example.com", preferences={("boards", "email"): False})
    mail, _ = verdicts(promo, muted)
    assert isinstance(mail, SkipBecause)
    stranger = Facts(profile=None)
    assert verdicts(promo, stranger)[0] == SkipBecause(Skip.UNKNOWN_RECIPIENT)


def test_news_that_is_collected_would_be():
    rule = read_digest({"kind": "fixed", "steps": ["email"], "wait": "1h"})
    mail, _ = verdicts(make_topic(digest=rule))
    assert isinstance(mail, Collect)


def test_it_is_the_gate_that_decides():
    """The same verdicts and traces as of real rows over the same facts."""
    topic = make_topic(klass=Class.PROMOTIONAL)
    made = supposed(topic, "anna", '{"board": "Roadmap"}', NOW)
    at, rules = Round({"anna": ANNA}, {topic.key: topic}), Rules(rulebook=read(NIGHT))
    real = [at.decide(due(one, NOW), rules, NOW) for one in made]
    told = foreseen(topic, book=NIGHT)
    assert [(one.verdict, one.trace) for one in told] == [(r.verdict, r.trace) for r in real]
