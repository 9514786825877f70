"""How checks came out over time, and who hears of it."""

from datetime import UTC, datetime, timedelta

import pytest

from delivery.domains.history import Kept, changes, fold, read, worst, write
from delivery.domains.inquiries import Check, Condition, Verdict

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOD, UNKNOWN, ADVICE, WRONG = Condition


def verdict(condition: Condition, subject: str = "example.com") -> Verdict:
    return Verdict(Check.SPF, subject, condition, "finding", "advice")


def course(*conditions: Condition) -> list[tuple[bool, Condition | None]]:
    """What is told at each look: whether it is worse, and what it was."""
    kept: list[Kept] = []
    told = []
    for number, condition in enumerate(conditions):
        after = fold(kept, [verdict(condition)], NOW + timedelta(days=number))
        told += [(change.is_worse, change.before) for change in changes(kept, after)]
        kept = after
    return told


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        ([GOOD, GOOD], [(False, None)]),
        ([WRONG, WRONG, WRONG], [(True, None)]),
        ([GOOD, WRONG, WRONG, GOOD], [(False, None), (True, GOOD), (False, WRONG)]),
        ([GOOD, UNKNOWN, GOOD], [(False, None)]),
        ([WRONG, UNKNOWN, WRONG], [(True, None)]),
        ([GOOD, UNKNOWN, WRONG], [(False, None), (True, GOOD)]),
        ([UNKNOWN, UNKNOWN], []),
        ([ADVICE, ADVICE], [(False, None)]),
        ([GOOD, ADVICE], [(False, None), (True, GOOD)]),
    ],
)
def test_a_change_is_told_once(
    conditions: list[Condition], told: list[tuple[bool, Condition | None]]
):
    assert course(*conditions) == told


def test_since_when_it_is_so_is_kept():
    first = fold([], [verdict(WRONG)], NOW)
    again = fold(first, [verdict(WRONG)], NOW + timedelta(days=1))
    mended = fold(again, [verdict(GOOD)], NOW + timedelta(days=2))
    assert [kept.since for kept in (*first, *again)] == [NOW, NOW]
    assert mended[0].since == NOW + timedelta(days=2)


def test_what_is_written_is_read_again():
    kept = fold([], [verdict(WRONG, "a"), verdict(UNKNOWN, "b")], NOW)
    assert read(write(kept)) == kept
    assert read([{**write(kept)[0], "check": "of tomorrow"}]) == []


def test_a_check_of_several_things_is_as_bad_as_the_worst():
    kept = fold([], [verdict(GOOD, "a"), verdict(WRONG, "b"), verdict(UNKNOWN, "c")], NOW)
    assert worst(kept) == {Check.SPF: WRONG}
