"""What needs approval, by whom, and what an approval is bound to."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from delivery.approving import (
    BUILT_IN,
    ThresholdsError,
    covers,
    fingerprint,
    is_enough,
    is_usable,
    needed,
    objection,
    others,
    read,
    read_toml,
    sentence,
    standing,
)
from delivery.rulebook.writing import as_toml
from models.people import Person
from models.records import Approval, ApprovalKind, Ask, Class, Decision, Remark
from models.states import APPROVAL_MOVES, UNSETTLED, ApprovalState

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KIND = ApprovalKind
PROMO, TRANS = frozenset({Class.PROMOTIONAL}), frozenset({Class.TRANSACTIONAL})


def person(number: int, **values: Any) -> Person:
    known = Person(
        UUID(int=number), f"p{number}@example.com", "P", frozenset(), active=True, created_at=NOW
    )
    return replace(known, **values)


def approval(**values: Any) -> Approval:
    known = Approval(
        approval=UUID(int=9), kind=KIND.RULES, subject="installation", team=None,
        fingerprint=b"", document={}, before=None, weight=0, needed=1, note="why",
        requested_by=UUID(int=1), edited_by="P2@example.com", requested_at=NOW,
        state=ApprovalState.WAITING, settled_at=None, expires_at=None,
    )  # fmt: skip
    return replace(known, **values)


leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=4)
documents = st.dictionaries(st.text(max_size=4), leaves | st.lists(leaves, max_size=2), max_size=3)


@given(documents, documents)
@settings(max_examples=30)
def test_two_documents_have_one_fingerprint_only_if_they_are_the_same(one: Any, two: Any):
    turned = dict(reversed(one.items()))
    assert fingerprint(Ask(KIND.RULES, "x", one)) == fingerprint(Ask(KIND.RULES, "x", turned))
    same = repr(sorted(one.items())) == repr(sorted(two.items()))
    both = (fingerprint(Ask(KIND.RULES, "x", each)) for each in (one, two))
    assert (next(both) == next(both)) == same


def test_a_fingerprint_is_of_its_kind_too_and_of_json_alone():
    assert fingerprint(Ask(KIND.SWITCH, "x", {})) != fingerprint(Ask(KIND.LIFT, "x", {}))
    with pytest.raises(ValueError, match="JSON"):
        fingerprint(Ask(KIND.RULES, "x", {"limit": float("nan")}))


LOOKED_AT = Ask(KIND.AUDIENCE, "x", {"all": []}, 1000, "boards", PROMO)


@pytest.mark.parametrize(
    ("change", "covered"),
    [
        ({}, True),
        ({"weight": 900}, True),
        ({"weight": 1100}, True),
        ({"weight": 1101}, False),
        ({"classes": TRANS}, False),
        ({"classes": PROMO | TRANS}, False),
        ({"team": None}, False),
        ({"document": {"any": []}}, False),
    ],
)
def test_an_approval_covers_what_was_looked_at_for_about_as_many_people(
    change: dict[str, Any],
    *,
    covered: bool,
):
    given_ = approval(
        kind=KIND.AUDIENCE, team="boards", weight=1000, fingerprint=fingerprint(LOOKED_AT)
    )
    assert covers(given_, replace(LOOKED_AT, **change)) is covered


@pytest.mark.parametrize(
    ("ask", "wanted"),
    [
        (Ask(KIND.TEMPLATE, "sale", {}, classes=PROMO), 1),
        (Ask(KIND.TEMPLATE, "otp", {}, classes=TRANS), 0),
        (Ask(KIND.TEMPLATE, "both", {}, classes=PROMO | TRANS), 1),
        (Ask(KIND.TEMPLATE, "used by no topic yet", {}), 1),
        (Ask(KIND.RULES, "installation", {}), 1),
        (Ask(KIND.SWITCH, "all", {}), 0),
        (Ask(KIND.LIFT, "all", {}), 0),
        (Ask(KIND.CAMPAIGN, "x", {}, 10_000), 0),
        (Ask(KIND.CAMPAIGN, "x", {}, 10_001), 1),
        (Ask(KIND.CAMPAIGN, "x", {}, 1_000_001), 2),
        (Ask(KIND.AUDIENCE, "x", {}, 10_001), 1),
        (Ask(KIND.THRESHOLDS, "installation", {}), 1),
    ],
)
def test_what_needs_approval_unless_somebody_says_otherwise(ask: Ask, wanted: int):
    assert needed(ask, read(BUILT_IN)) == wanted


def test_reads_back_what_it_writes():
    assert read(read_toml(as_toml(BUILT_IN))) == read(BUILT_IN)
    assert read({}).thresholds == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("lasts =", "no TOML"),
        ("x" * 70_000, "at most"),
        ('lasts = "never"', "no length of time"),
        ('colour = "red"', "no such field: see docs/approvals.md"),
        ('[[thresholds]]\nkind = "cake"\napprovers = 1', "thresholds 1, kind"),
        ('[[thresholds]]\nkind = "rules"\napprovers = 0', "greater than or equal to 1"),
        ('[[thresholds]]\nkind = "rules"\napprovers = 6', "less than or equal to 5"),
        ('[[thresholds]]\nkind = "rules"\napprovers = true', "valid integer"),
        ('[[thresholds]]\nkind = "campaign"\napprovers = 1\nover = -1', "greater than or equal"),
        ('[[thresholds]]\nkind = "template"\napprovers = 1\nclasses = []', "at least 1"),
    ],
)
def test_says_what_is_wrong_with_thresholds(text: str, complaint: str):
    with pytest.raises(ThresholdsError, match=complaint):
        read_toml(text)


def test_thresholds_are_sentences():
    assert [sentence(one) for one in read(BUILT_IN).thresholds] == [
        "Publish a template of promotional topics: one other person",
        "Publish caps and quiet hours: one other person",
        "Save an audience for more than 10,000 people: one other person",
        "Launch a campaign for more than 10,000 people: one other person",
        "Launch a campaign for more than 1,000,000 people: 2 other people",
        "Change what needs approval: one other person",
    ]


def test_nobody_approves_their_own_nor_what_they_edited_nor_twice():
    asker, editor, other = person(1), person(2), person(3)
    said = [Remark(UUID(int=9), NOW, other.person, None, "hm")]
    assert "You asked" in str(objection(asker, approval(), said))
    assert "You edited" in str(objection(editor, approval(), said))
    assert objection(other, approval(), said) is None
    said.append(replace(said[0], decision=Decision.APPROVED))
    assert "already" in str(objection(other, approval(needed=2), said))


def test_others_are_open_and_neither_ask_nor_edited_it():
    everybody = [person(1), person(2), person(3), person(4, active=False)]
    found = others(everybody, UUID(int=1), "P2@EXAMPLE.COM")
    assert found == {UUID(int=3)}


@pytest.mark.parametrize(
    ("wanted", "able", "least"), [(0, 3, 0), (1, 3, 1), (1, 0, 0), (2, 1, 1), (2, 2, 2), (2, 5, 2)]
)
def test_as_many_as_wanted_or_all_there_are(wanted: int, able: int, least: int):
    people = [UUID(int=number) for number in range(able)]
    for gave in range(able + 1):
        found = is_enough(wanted, frozenset(people), frozenset(people[:gave]))
        assert found == (gave >= least)


def test_who_approved_and_left_since_does_not_make_one_approval_two():
    gone, there = UUID(int=1), UUID(int=2)
    assert not is_enough(2, frozenset({there}), frozenset({gone}))


def test_what_was_approved_can_be_used_until_it_expires():
    given_ = approval(state=ApprovalState.APPROVED, expires_at=NOW + timedelta(seconds=1))
    assert is_usable(given_, NOW)
    assert standing(given_, NOW) == "approved"
    later = NOW + timedelta(seconds=1)
    assert not is_usable(given_, later)
    assert standing(given_, later) == "expired"
    for state in set(ApprovalState) - {ApprovalState.APPROVED}:
        assert not is_usable(replace(given_, state=state), NOW)
        assert standing(replace(given_, state=state), later) == state


def test_what_ended_never_moves_again():
    ends = set(ApprovalState) - UNSETTLED
    assert {state for state, after in APPROVAL_MOVES.items() if not after} == ends
    assert ApprovalState.USED not in APPROVAL_MOVES[ApprovalState.WAITING]


def told() -> str:
    return (Path(__file__).parent.parent.parent / "docs" / "approvals.md").read_text()


def test_the_page_draws_the_machine_there_is_and_names_every_state_and_kind():
    drawn = set(re.findall(r"^ {4}(\w+) --> (\w+)$", told(), re.MULTILINE))
    assert drawn == {(one, then) for one, after in APPROVAL_MOVES.items() for then in after}
    named = set(re.findall(r"^\| `(\w+)` \|", told(), re.MULTILINE))
    assert {*ApprovalState, "kind", "approvers", "classes", "over", "lasts"} == named
    assert all(f"`{kind}`" in told() for kind in ApprovalKind)


def test_the_page_shows_what_holds_before_the_first_version():
    (shown,) = re.findall(r"```toml\n(.*?)```", told(), re.DOTALL)
    assert read_toml(shown) == BUILT_IN
