"""How late news may be."""

from datetime import timedelta
from typing import Any

import pytest

from delivery.policies import lateness
from delivery.policies.lateness import MOST_LATE
from delivery.verdicts import Keep, SkipBecause
from models.reasons import Skip
from models.records import Class
from tests.values import NOW, make_draft, make_facts, make_topic

HOUR = timedelta(hours=1)
CASES: list[tuple[dict[str, Any], timedelta, bool]] = [
    ({"klass": Class.CRITICAL}, HOUR * 10000, True),
    ({"klass": Class.CRITICAL, "max_lateness": HOUR}, HOUR * 2, False),
    ({"klass": Class.TRANSACTIONAL}, HOUR * 24, True),
    ({"klass": Class.TRANSACTIONAL}, HOUR * 25, False),
    ({"klass": Class.PROMOTIONAL}, HOUR * 12, True),
    ({"klass": Class.PROMOTIONAL}, HOUR * 13, False),
    ({"klass": Class.PROMOTIONAL, "on_late": "send"}, HOUR * 13, True),
    ({"klass": Class.PROMOTIONAL, "on_late": "skip"}, HOUR * 13, False),
    ({"max_lateness": HOUR}, HOUR, True),
    ({"max_lateness": HOUR}, HOUR + timedelta(microseconds=1), False),
    ({"max_lateness": HOUR, "on_late": "send"}, HOUR * 2, True),
    ({"max_lateness": timedelta()}, timedelta(), True),
    ({"max_lateness": HOUR}, -HOUR, True),
]


@pytest.mark.parametrize(("topic", "late", "kept"), CASES)
def test_what_is_too_late_is_skipped(topic: dict[str, Any], late: timedelta, *, kept: bool):
    draft = make_draft(topic=make_topic(**topic), wanted_at=NOW - late)
    verdict = lateness.decide(draft, make_facts(), NOW)
    assert (verdict == Keep()) is kept
    assert kept or (isinstance(verdict, SkipBecause) and verdict.reason is Skip.TOO_LATE)


def test_every_class_has_its_limit():
    assert set(MOST_LATE) == set(Class)


def test_a_test_event_is_never_late():
    draft = make_draft(wanted_at=NOW - HOUR * 100, test=True)
    assert lateness.decide(draft, make_facts(), NOW) == Keep()


def test_the_note_is_told():
    draft = make_draft(wanted_at=NOW - HOUR * 25)
    verdict = lateness.decide(draft, make_facts(), NOW)
    assert verdict == SkipBecause(Skip.TOO_LATE, "1500>1440")
    assert lateness.tell("1500>1440") == "It was 1500 minutes late; 1440 are allowed."
