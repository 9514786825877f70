"""Conversions: what is one, and for which message it counts."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from delivery.engagement.conversions import WINDOW, ConversionError, attributed, read_conversion
from models.records import Basis, Candidate, Class, Conversion, Move, Topic

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SOURCE, ROW = UUID(int=1), UUID(int=2)
LEAST = {"recipient_id": "anna", "name": "purchase"}
HOUR = timedelta(hours=1)


def read(**more: Any) -> Conversion:
    return read_conversion({**LEAST, **more}, SOURCE, ROW, NOW)


def test_the_least_is_who_and_what():
    found = read()
    assert (found.recipient_id, found.name, found.occurred_at) == ("anna", "purchase", NOW)
    assert found.value is found.currency is found.delivery_id is None


def test_a_value_keeps_its_digits():
    assert read(value="49.90", currency="EUR").value == Decimal("49.90")


def test_the_same_key_is_the_same_conversion_of_the_same_source_and_recipient():
    one = read(key="order-1")
    assert read_conversion(
        {**LEAST, "key": "order-1"}, SOURCE, UUID(int=9), NOW + HOUR
    ) == Conversion(one.conversion_id, "anna", "purchase", NOW + HOUR)
    others = {
        read(key="order-2").conversion_id,
        read(key="order-1", recipient_id="bo").conversion_id,
        read_conversion({**LEAST, "key": "order-1"}, UUID(int=3), ROW, NOW).conversion_id,
        read().conversion_id,
        read_conversion(LEAST, SOURCE, UUID(int=9), NOW).conversion_id,
    }
    assert len(others | {one.conversion_id}) == 6


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"recipient_id": ""}, "/recipient_id"),
        ({"recipient_id": 7}, "/recipient_id"),
        ({"name": ""}, "/name"),
        ({"name": "with space"}, "/name"),
        ({"value": "much"}, "/value"),
        ({"value": "NaN"}, "/value"),
        ({"value": 10**20}, "/value"),
        ({"value": "1.1234567"}, "/value"),
        ({"value": 1, "currency": "euro"}, "/currency"),
        ({"currency": "EUR"}, "needs a value"),
        ({"occurred_at": "2026-01-31T12:00:00"}, "/occurred_at"),
        ({"occurred_at": "2027-01-31T12:00:00Z"}, "/occurred_at"),
        ({"key": ""}, "/key"),
        ({"key": "a\0b"}, "/key"),
        ({"delivery_id": "x"}, "/delivery_id"),
        ({"surprise": 1}, "/surprise"),
    ],
)
def test_says_where_it_is_none(more: dict[str, Any], pointer: str):
    with pytest.raises(ConversionError, match=pointer):
        read(**more)


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=9), each, max_size=3)
    ),
    max_leaves=4,
)
fields = st.fixed_dictionaries(dict.fromkeys(("recipient_id", "name", "value", "key"), json))


@settings(max_examples=50)
@given(json | fields)
def test_anything_is_a_conversion_or_is_said_to_be_none(said: Any):
    with suppress(ConversionError):
        assert read_conversion(said, SOURCE, ROW, NOW).recipient_id


def sent(number: int, ago: timedelta, topic: str = "news", **more: Any) -> Candidate:
    move = Move(topic, "email", "transactional", "sent")
    values = {name: [NOW - each for each in moments] for name, moments in more.items()}
    return Candidate(UUID(int=number), "anna", move, test=False, sent_at=NOW - ago, **values)


DAY = timedelta(days=1)
TOPICS = {
    "news": Topic("news", "News", "news", Class.PROMOTIONAL, ()),
    "short": Topic("short", "Short", "news", Class.PROMOTIONAL, (), attribution=HOUR),
}
OLD, NEW = sent(1, 3 * DAY), sent(2, DAY)
OPENED = sent(3, 2 * DAY, opened=[2 * DAY, DAY])
CLICKED = sent(4, 3 * DAY, opened=[3 * DAY], clicked=[2 * DAY])


@pytest.mark.parametrize(
    ("candidates", "number", "basis"),
    [
        ([], None, None),
        ([OLD, NEW], 2, Basis.DELIVERED),
        ([NEW, OLD], 2, Basis.DELIVERED),
        ([NEW, OPENED], 3, Basis.OPENED),
        ([NEW, OPENED, CLICKED], 4, Basis.CLICKED),
        ([CLICKED, sent(5, DAY, clicked=[HOUR])], 5, Basis.CLICKED),
        ([sent(6, WINDOW)], 6, Basis.DELIVERED),
        ([sent(6, WINDOW + HOUR)], None, None),
        ([sent(6, WINDOW + HOUR, clicked=[DAY])], 6, Basis.CLICKED),
        ([sent(7, 2 * HOUR, "short")], None, None),
        ([sent(8, HOUR, "gone")], 8, Basis.DELIVERED),
        ([sent(9, DAY, clicked=[-HOUR])], 9, Basis.DELIVERED),
        ([sent(10, -HOUR)], None, None),
    ],
)
def test_counts_for_what_led_to_it(
    candidates: list[Candidate], number: int | None, basis: Basis | None
):
    found = attributed(read(), candidates, TOPICS)
    assert found.basis == basis
    assert (found.candidate and found.candidate.delivery_id.int) == number


def test_a_named_message_has_the_word_if_it_went_to_them():
    named = read(delivery_id=str(UUID(int=1)))
    assert attributed(named, [OLD, CLICKED], TOPICS).basis is Basis.NAMED
    assert attributed(named, [CLICKED], TOPICS).candidate is None
    assert attributed(read(recipient_id="bo"), [OLD, CLICKED], TOPICS).candidate is None
