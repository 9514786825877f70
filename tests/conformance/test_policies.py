"""What every policy keeps to."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from delivery import policies
from delivery.limits.caps import counter
from delivery.limits.sameness import say
from delivery.limits.throttles import counter as counted
from delivery.policies import DUE, PLANNED
from delivery.ports import Draft, Rules
from delivery.reputation.scopes import Paused
from delivery.rulebook import read
from delivery.verdicts import Cancel, Collect, Expire, HoldUntil, Keep, SkipBecause
from models.ids import delivery_id
from models.reasons import Hold, Skip, Withdrawal
from models.records import (
    Block,
    Cap,
    Class,
    Earlier,
    Facts,
    Ledger,
    Profile,
    Reachable,
    Rulebook,
    Stamp,
    Step,
    Throttle,
    read_digest,
)
from tests.values import EVENT, NOW, make_draft, make_due, make_facts, make_topic

ALL = [*PLANNED, *DUE]

SAID, HOUR = b"the same old", timedelta(hours=1)
SAYS, OTHER = UUID(int=1), UUID(int=2)
CAP = Cap("a-key-of-the-greatest-length-forty-letter", limit=1, exempts=frozenset())
CAPPED = Rulebook(123456, caps=(CAP,))
THROTTLED = make_draft(
    topic=make_topic(throttle=Throttle(1, HOUR)), delivery_id=SAYS, throttled=b"x"
)
GONE = Reachable("anna@example.com", preferred=True, blocks=(Block("email", "*", "complaint"),))
FEED, MAIL = Step("feed", "in_app", "item"), Step("mail", "email", "mail", timedelta(minutes=15))
BEFORE = delivery_id(EVENT, "anna", "in_app", "feed")
FACTS = [
    Facts(None),
    make_facts(),
    make_facts("anna@example.com"),
    make_facts("anna@example.com", preferences={("boards", "*"): False}),
    Facts(Profile("anna"), {"email": (GONE,)}),
    make_facts("anna@example.com", preferences={("*", "*"): False}),
    make_facts("anna@example.com", snoozed_until=NOW + timedelta(2)),
    make_facts("anna@example.com", org_preferences={("*", "email"): False}),
    make_facts("anna@example.com", ledger=Ledger(slots={counter(CAP): (Stamp(NOW, OTHER),)})),
    make_facts("anna@example.com", earlier={BEFORE: Earlier("feed", "sent", NOW)}),
    make_facts("anna@example.com", cancelled={("board.shared", "board-1"): NOW}),
    make_facts("anna@example.com", ledger=Ledger(slots={counted(THROTTLED): (Stamp(NOW, OTHER),)})),
    make_facts("anna@example.com", ledger=Ledger(said=say(b"", SAID, OTHER, HOUR, NOW))),
    Facts(Profile("anna", quiet_hours={"quiet": ["daily 12:00-07:00"]})),
]
DRAFTS = [
    make_draft(channel, actor=actor, expires_at=expires_at, test=test, rules=rules)
    for channel, actor, expires_at, test, rules in product(
        ("email", "in_app", "a channel of tomorrow"),
        (None, "anna"),
        (None, NOW - timedelta(1), NOW + timedelta(1)),
        (False, True),
        (Rules(), Rules(frozenset(), frozenset())),
    )
]
DRAFTS += [replace(draft, step=Step("email", "email", None)) for draft in DRAFTS[:3]]
DRAFTS += [replace(draft, topic=make_topic(mandatory=True)) for draft in DRAFTS[:3]]
DRAFTS += [replace(draft, delivery_id=SAYS, content=SAID) for draft in DRAFTS[:3]]
DRAFTS += [
    replace(draft, delivery_id=SAYS, rules=Rules(rulebook=CAPPED, warm=frozenset({counter(CAP)})))
    for draft in DRAFTS[:3]
]
DRAFTS += [THROTTLED]
DRAFTS += [replace(draft, recipient_id="erased-1") for draft in DRAFTS[:3]]
PAUSED = Rules(paused=Paused(frozenset({f"topic:{'n' * 200}"})))
NEWS = make_topic(key="n" * 200, klass=Class.PROMOTIONAL)
DRAFTS += [replace(draft, topic=NEWS, rules=PAUSED) for draft in DRAFTS[:3]]
DRAFTS += [replace(draft, wanted_at=NOW - timedelta(days=2)) for draft in DRAFTS[:3]]
NOON = {"key": "noon", "quiet": ["daily 11:00-13:00"], "classes": ["transactional"]}
BOOK = Rules(rulebook=read({"quiet_hours": [NOON]}))
DRAFTS += [replace(draft, rules=BOOK) for draft in DRAFTS[:12]]
SOON = read_digest({"kind": "fixed", "steps": ["email"], "wait": "10m"})
DRAFTS += [
    make_draft(delivery_id=make_due().delivery_id, topic=make_topic(digest=SOON)),
    make_draft(thread="board-1", created_at=NOW),
    make_draft(event_id=EVENT, topic=make_topic(steps=(FEED, MAIL)), step=MAIL),
]


def test_every_file_is_asked_when_planned_or_when_due():
    (folder,) = policies.__path__
    files = {path.stem for path in Path(folder).glob("*.py")} - {"__init__"}
    assert {name for name, _ in ALL} == files
    for name, policy in ALL:
        assert policy.__name__.rpartition(".")[2] == name  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "policy"), ALL, ids=[name for name, _ in ALL])
class TestEach:
    """One policy, over every draft and all facts."""

    def test_its_rule_is_a_sentence(self, name: str, policy: ModuleType):
        rule = (policy.__doc__ or "").splitlines()[0]
        assert rule[:1].isupper(), name
        assert rule.endswith(".")

    def test_answers_with_a_verdict_and_the_same_one_twice(self, name: str, policy: ModuleType):
        for draft, facts in product(DRAFTS, FACTS):
            verdict = policy.decide(draft, facts, NOW)
            assert policy.decide(draft, facts, NOW) == verdict, name
            match verdict:
                case Keep(note):
                    assert len(note) <= 80
                case SkipBecause(reason, note):
                    assert reason in Skip
                    assert len(note) <= 200
                case HoldUntil(until, reason, note):
                    assert reason in Hold
                    assert until > NOW
                    assert len(note) <= 80
                case Collect(into):
                    assert into.members > 0
                    assert NOW <= into.closes_at <= into.latest_at
                case Cancel(reason, note):
                    assert reason in Withdrawal
                    assert len(note) <= 80
                case _:
                    assert verdict == Expire()

    def test_keeps_something_and_says_no_to_something(self, name: str, policy: ModuleType):
        kept = [self.keeps(policy, draft, facts) for draft, facts in product(DRAFTS, FACTS)]
        assert any(kept), name
        assert not all(kept), f"{name} is never heard: add what it objects to"

    @staticmethod
    def keeps(policy: ModuleType, draft: Draft, facts: Facts) -> bool:
        return isinstance(policy.decide(draft, facts, NOW), Keep)
