"""What happens to rows whose time has come."""

import json
from dataclasses import replace
from datetime import timedelta

from delivery import gate
from delivery.gate import Decision, draft_of
from delivery.ports import Rules
from delivery.verdicts import Expire, Keep, SkipBecause
from models.reasons import Skip
from models.records import DueRow, Facts, Topic
from tests.values import NOW, make_due, make_facts, make_topic


def decide(row: DueRow, topic: Topic, facts: Facts) -> Decision:
    return gate.decide(row, draft_of(row, topic, Rules()), facts, NOW)


def test_a_kept_row_has_its_address_and_its_trace():
    row = make_due(trace='{"plan": [["actor"]]}')
    decision = decide(row, make_topic(), make_facts("a@x.test", "b@x.test"))
    assert decision.verdict == Keep()
    assert decision.address == "a@x.test"
    trace = json.loads(decision.trace)
    assert list(trace) == ["plan", "gate"]
    assert [check[0] for check in trace["gate"]][:2] == ["expiry", "lateness"]
    assert len(decision.trace) < 300


def test_a_row_decided_again_replaces_what_was_said_before():
    topic, facts = make_topic(), make_facts("a@x.test")
    once = decide(make_due(), topic, facts)
    again = decide(make_due(trace=once.trace), topic, facts)
    assert again.trace == once.trace


def test_in_app_has_no_address():
    decision = decide(make_due(channel="in_app"), make_topic(), make_facts("a@x.test"))
    assert (decision.verdict, decision.address) == (Keep(), None)


def test_lateness_is_asked_first():
    row = make_due(expires_at=NOW - timedelta(seconds=1))
    decision = decide(row, make_topic(), Facts(None))
    assert decision.verdict == Expire()


def test_a_step_taken_off_its_topic_has_nothing_to_say():
    topic = replace(make_topic(), steps=())
    decision = decide(make_due(), topic, make_facts("a@x.test"))
    assert decision.verdict == SkipBecause(Skip.NO_TEMPLATE, "email")
    assert decision.step.channel == "email"
