"""Which rules meet a topic's news, and what each does to it."""

from typing import Any

import pytest

from delivery.rulebook import read
from delivery.rulebook.bearing import Bearing, bearing, is_partial
from models.records import Class, Step
from tests.values import make_topic

FEED_ONLY = (Step("in_app", "in_app", "board-item"),)
NIGHTS = {"key": "nights", "quiet": ["daily 22:00-07:00"]}
DAILY = {"key": "daily", "limit": 3, "per": "day"}
ALL = [*Class]


def does(kind: str, rule: dict[str, Any], **topic: Any) -> Bearing | None:
    return bearing(read({kind: [rule]}).rules[0], make_topic(**topic))


@pytest.mark.parametrize(
    ("kind", "rule", "klass", "expected"),
    [
        ("quiet_hours", NIGHTS, Class.PROMOTIONAL, Bearing.HOLDS),
        ("quiet_hours", NIGHTS, Class.TRANSACTIONAL, None),
        ("quiet_hours", NIGHTS, Class.CRITICAL, None),
        ("quiet_hours", {**NIGHTS, "classes": ["transactional"]}, Class.TRANSACTIONAL, "holds"),
        ("caps", DAILY, Class.PROMOTIONAL, Bearing.LIMITS),
        ("caps", DAILY, Class.TRANSACTIONAL, Bearing.COUNTS),
        ("caps", {**DAILY, "counts": ["promotional"]}, Class.TRANSACTIONAL, None),
        ("caps", {"key": "blank"}, Class.PROMOTIONAL, None),
    ],
)
def test_a_rule_does_what_the_class_lets_it(
    kind: str, rule: dict[str, Any], klass: Class, expected: str | None
):
    assert does(kind, rule, klass=klass) == expected


@pytest.mark.parametrize(
    ("names", "meets"),
    [
        ({"topics": ["board.shared"]}, True),
        ({"topics": ["sales"]}, False),
        ({"categories": ["boards"]}, True),
        ({"categories": ["sales"]}, False),
        ({"channels": ["email"]}, True),
        ({"channels": ["sms"]}, False),
        ({"orgs": ["acme"]}, True),
    ],
)
def test_a_rule_meets_what_it_names(names: dict[str, list[str]], *, meets: bool):
    klass = Class.PROMOTIONAL
    assert (does("caps", {**DAILY, **names}, klass=klass) is Bearing.LIMITS) == meets
    rule = read({"caps": [{**DAILY, **names}]}).caps[0]
    assert is_partial(rule.picks) == ("orgs" in names)


def test_the_feed_is_met_only_where_it_is_named():
    promo = {"klass": Class.PROMOTIONAL, "steps": FEED_ONLY}
    assert does("caps", DAILY, **promo) is None
    assert does("caps", {**DAILY, "channels": ["in_app"]}, **promo) is Bearing.LIMITS
