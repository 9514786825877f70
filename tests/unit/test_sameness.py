"""What counts as the same, for how long, and what is forgotten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from delivery import planning
from delivery.gate import Round
from delivery.limits import sameness
from delivery.limits.sameness import REMEMBERED, said_until, say, unsay
from delivery.ports import Rules
from delivery.reading import Accepted
from delivery.verdicts import Keep, SkipBecause
from models.records import Class, Ledger, Topic
from tests.values import EVENT, NOW, make_due, make_facts, make_row, make_topic

HOUR = timedelta(hours=1)
ONE, TWO = UUID(int=1), UUID(int=2)
CONTENT = b"twelve bytes"


def content(about: Topic | None = None, **row: Any) -> bytes | None:
    topic = about or make_topic()
    return planning.stored(EVENT, make_row(**row), Accepted(topic, ("anna",), 5)).content


@pytest.mark.parametrize(
    "other",
    [
        {"data": '{"board": "Other"}'}, {"actor": "bo"}, {"actor": ""}, {"thread": "t"},
        {"tenant": "t"}, {"locale": "de"}, {"topic": "board.unshared"},
    ],
)  # fmt: skip
def test_what_differs_in_anything_that_is_said_is_not_the_same(other: dict[str, str]):
    assert content() == content()
    assert content(**other) not in {None, content()}


def test_neither_who_it_is_for_nor_when_it_was_written_makes_a_difference():
    assert content(recipients=("bo",), created_at=NOW + HOUR, priority=4) == content()


@pytest.mark.parametrize(
    ("topic", "row", "asked"),
    [
        ({}, {}, True),
        ({}, {"dedup_key": "k"}, False),
        ({"same_content": HOUR}, {"dedup_key": "k"}, True),
        ({"same_content": timedelta()}, {}, False),
        ({"klass": Class.PROMOTIONAL}, {}, True),
        ({"klass": Class.CRITICAL}, {}, False),
        ({"klass": Class.CRITICAL, "same_content": HOUR}, {}, False),
        ({"sensitive": True}, {}, False),
        ({}, {"test": True}, False),
    ],
)
def test_who_is_asked(topic: dict[str, Any], row: dict[str, Any], *, asked: bool):
    assert (content(make_topic(**topic), **row) is not None) is asked


def test_each_step_and_channel_says_it_in_its_own_way():
    event = planning.stored(EVENT, make_row(), Accepted(make_topic(), ("anna",), 5))
    planned = planning.plan(event, make_topic(), ["anna", "bo"], NOW)
    assert len({one.content for one in planned}) == len(make_topic().steps)
    assert all(one.content for one in planned)


def test_it_counts_as_said_until_its_window_is_over_to_the_second():
    said = say(b"", CONTENT, ONE, HOUR, NOW)
    assert said_until(said, CONTENT, TWO, NOW) == NOW + HOUR
    assert said_until(said, CONTENT, TWO, NOW + HOUR - timedelta(microseconds=1)) == NOW + HOUR
    assert said_until(said, CONTENT, TWO, NOW + HOUR) is None
    assert said_until(said, b"other  bytes", TWO, NOW) is None


def test_a_delivery_is_never_the_same_as_itself():
    assert said_until(say(b"", CONTENT, ONE, HOUR, NOW), CONTENT, ONE, NOW) is None


def test_said_again_it_moves_and_unsaid_it_is_gone():
    said = say(b"", CONTENT, ONE, HOUR, NOW)
    later = say(said, CONTENT, ONE, HOUR, NOW + HOUR / 2)
    assert (len(later), said_until(later, CONTENT, TWO, NOW)) == (24, NOW + HOUR * 1.5)
    assert unsay(later, ONE) == b""
    assert unsay(later, TWO) is later


def test_what_is_over_is_forgotten_and_of_the_rest_the_newest_are_kept():
    said = b""
    for number in range(REMEMBERED + 10):
        said = say(said, b"%12d" % number, UUID(int=number), HOUR, NOW)
    assert len(said) == 24 * REMEMBERED
    assert said_until(said, b"%12d" % 9, TWO, NOW) is None
    assert said_until(said, b"%12d" % 10, TWO, NOW) is not None
    assert len(say(said, CONTENT, ONE, HOUR, NOW + 2 * HOUR)) == 24


class TestARound:
    """Rows of one recipient, decided one after the other."""

    def decide(self, *rows: Any, **facts: Any) -> tuple[list[Any], Round]:
        at = Round({"anna": make_facts("a@x.test", **facts)}, {"board.shared": make_topic()})
        return [at.decide(row, Rules(), NOW).verdict for row in rows], at

    def test_keeps_the_first_of_two_that_say_the_same(self):
        first = make_due(content=CONTENT)
        (one, two, other), at = self.decide(
            first, replace(first, delivery_id=TWO), replace(first, delivery_id=ONE, content=None)
        )
        assert (one, other) == (Keep(), Keep())
        assert two == SkipBecause(two.reason, "until 2026-11-22T13:00:00Z")
        assert at.changed == {"anna"}

    def test_leaves_the_ledger_alone_where_nothing_counts(self):
        assert not self.decide(make_due())[1].changed

    @pytest.mark.parametrize(("doubts", "kept"), [(0, 0), (1, 24)])
    def test_gives_back_what_an_ended_row_had_said_unless_it_may_have_arrived(
        self, doubts: int, kept: int
    ):
        row = make_due(content=CONTENT, expires_at=NOW, doubts=doubts)
        ledger = Ledger(said=say(b"", CONTENT, row.delivery_id, HOUR, NOW))
        _, at = self.decide(row, ledger=ledger)
        assert len(at.facts["anna"].ledger.said) == kept


def test_hashes_are_frozen():
    assert sameness.of_step(content() or b"", "email", "email").hex() == "f624906f0b469c4a6f16b9c6"
