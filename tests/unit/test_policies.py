"""Each policy's answers, and what they mean together."""

from datetime import timedelta
from itertools import product

import pytest

from delivery.policies import (
    DUE,
    PLANNED,
    actor,
    address,
    consent,
    expiry,
    judge,
    recipient,
    sandbox,
    template,
)
from delivery.ports import Rules
from delivery.verdicts import Expire, HoldUntil, Keep, SkipBecause
from models.reasons import Hold, Skip
from models.records import Block, Class, Facts, Profile, Reachable, Step
from tests.values import NOW, make_draft, make_facts, make_topic

ANNA = make_facts("anna@example.com")
NOBODY = Facts(profile=None)


def test_nobody_is_told_of_their_own_doing():
    assert actor.decide(make_draft(actor="anna"), ANNA, NOW) == SkipBecause(Skip.OWN_ACTION)
    assert actor.decide(make_draft(actor="bo"), ANNA, NOW) == Keep()
    assert actor.decide(make_draft(actor=None), ANNA, NOW) == Keep()


@pytest.mark.parametrize("late", [0, 1])
def test_what_is_too_late_expires_at_its_very_moment(late: int):
    draft = make_draft(expires_at=NOW)
    assert expiry.decide(draft, ANNA, NOW + timedelta(seconds=late)) == Expire()
    assert expiry.decide(draft, ANNA, NOW - timedelta(microseconds=1)) == Keep()


def test_what_never_expires_is_kept():
    assert expiry.decide(make_draft(expires_at=None), ANNA, NOW) == Keep()


@pytest.mark.parametrize("words", [None, ""])
def test_a_step_without_words_is_skipped(words: str | None):
    draft = make_draft(step=Step("email", "email", words))
    assert template.decide(draft, ANNA, NOW) == SkipBecause(Skip.NO_TEMPLATE, "email")


def test_only_known_recipients_are_written_to():
    assert recipient.decide(make_draft(), NOBODY, NOW) == SkipBecause(Skip.UNKNOWN_RECIPIENT)


CHOICES = [
    ({}, True),
    ({("boards", "email"): False}, False),
    ({("boards", "*"): False}, False),
    ({("boards", "*"): False, ("boards", "email"): True}, True),
    ({("boards", "*"): True, ("boards", "email"): False}, False),
    ({("boards", "in_app"): False, ("other", "*"): False}, True),
]


@pytest.mark.parametrize(("choices", "allowed"), CHOICES)
def test_the_choice_for_a_channel_overrules_the_one_for_all(
    choices: dict[tuple[str, str], bool], *, allowed: bool
):
    facts = make_facts("anna@example.com", preferences=choices)
    verdict = consent.decide(make_draft(), facts, NOW)
    said = choices.keys() & {("boards", "email"), ("boards", "*")}
    expected = Keep("personal" if said else "")
    assert verdict == (expected if allowed else SkipBecause(Skip.OPTED_OUT, "personal boards"))


def test_a_mandatory_topic_asks_for_no_consent():
    facts = make_facts("a@x.test", preferences={("boards", "email"): False})
    draft = make_draft(topic=make_topic(mandatory=True))
    assert consent.decide(draft, facts, NOW) == Keep("mandatory")


def suppressed(until: timedelta | None) -> Facts:
    moment = None if until is None else NOW + until
    block = Block("email", "*", "hard_bounce", moment)
    reachable = Reachable("anna@example.com", preferred=True, blocks=(block,))
    return Facts(Profile("anna"), {"email": (reachable,)})


@pytest.mark.parametrize("until", [None, timedelta(seconds=1)])
def test_a_suppressed_address_is_no_address(until: timedelta | None):
    verdict = address.decide(make_draft(), suppressed(until), NOW)
    assert verdict == SkipBecause(Skip.SUPPRESSED, "hard_bounce")


def blocked(reason: str) -> Facts:
    block = Block("email", "boards", reason)
    return Facts(Profile("anna"), {"email": (Reachable("a@x.test", True, (block,)),)})  # noqa: FBT003


def test_a_suppression_of_a_category_stops_no_other_and_says_so():
    verdict = address.decide(make_draft(), blocked("complaint"), NOW)
    assert verdict == SkipBecause(Skip.SUPPRESSED, "complaint (only boards)")
    other = make_draft(topic=make_topic(category="news"))
    assert address.decide(other, blocked("complaint"), NOW) == Keep()


@pytest.mark.parametrize("category", ["*", "boards"])
def test_no_class_and_no_mandatory_topic_passes_by_a_suppression(category: str):
    block = Block("*", category, "law")
    gone = Facts(Profile("anna"), {"email": (Reachable("a@x.test", True, (block,)),)})  # noqa: FBT003
    for klass, mandatory in product(Class, (False, True)):
        draft = make_draft(topic=make_topic(klass=klass, mandatory=mandatory))
        assert isinstance(address.decide(draft, gone, NOW), SkipBecause)


def test_a_long_reason_is_cut_in_the_trace():
    verdict = address.decide(make_draft(), blocked("x" * 300), NOW)
    assert verdict == SkipBecause(Skip.SUPPRESSED, "x" * 80)


def test_a_suppression_that_is_over_is_none():
    assert address.decide(make_draft(), suppressed(timedelta()), NOW) == Keep()


def test_the_next_address_is_taken_when_the_first_is_suppressed():
    first = Reachable("a@x.test", preferred=True, blocks=(Block("email", "*", "complaint"),))
    second = Reachable("b@x.test", preferred=False)
    facts = Facts(Profile("anna"), {"email": (first, second)})
    assert address.decide(make_draft(), facts, NOW) == Keep()
    assert facts.usable("email", "boards", NOW) == second


def test_in_app_needs_no_address_and_others_do():
    assert address.decide(make_draft("in_app"), make_facts(), NOW) == Keep()
    assert address.decide(make_draft("sms"), ANNA, NOW) == SkipBecause(Skip.NO_ADDRESS, "sms")


LISTS = [
    (None, True),
    (frozenset(), False),
    (frozenset({"anna@example.com"}), True),
    (frozenset({"example.com"}), True),
    (frozenset({"ample.com", "com", "@example.com", "bo@example.com"}), False),
]


@pytest.mark.parametrize(("allowed", "kept"), LISTS)
def test_the_sandbox_lets_out_whom_the_list_names(allowed: frozenset[str] | None, *, kept: bool):
    expected = Keep() if kept else SkipBecause(Skip.SANDBOX)
    everybody = make_facts("Anna@Example.COM")
    draft = make_draft(rules=Rules(allowed, frozenset()))
    assert sandbox.decide(draft, everybody, NOW) == expected
    tested = make_draft(rules=Rules(None, allowed), test=True)
    assert sandbox.decide(tested, everybody, NOW) == expected


def test_in_app_is_not_in_the_sandbox():
    draft = make_draft("in_app", rules=Rules(frozenset(), frozenset()), test=True)
    assert sandbox.decide(draft, ANNA, NOW) == Keep()


class Holds:
    """Somebody's policy."""

    @staticmethod
    def decide(*_: object) -> HoldUntil:
        return HoldUntil(NOW, Hold.QUIET_HOURS)


def test_the_first_objection_decides_and_is_the_last_check():
    policies = (("consent", consent), ("quiet", Holds), ("recipient", recipient))
    verdict, checks = judge(policies, make_draft(), NOBODY, NOW)
    assert verdict == HoldUntil(NOW, Hold.QUIET_HOURS)
    assert checks == (("consent", "keep", ""), ("quiet", "hold:quiet_hours", NOW.isoformat()))


def test_what_nobody_objects_to_is_kept():
    verdict, checks = judge(DUE, make_draft(), ANNA, NOW)
    assert verdict == Keep()
    assert [name for name, *_ in checks] == [name for name, _ in DUE]


def test_what_can_still_change_is_not_decided_when_planned():
    assert [name for name, _ in PLANNED] == ["actor", "erased"]
