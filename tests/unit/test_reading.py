"""What an outbox row must be like; the whole table of bad ones is in integration/test_plan.py."""

import json
import string
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from delivery.reading import Accepted, Refusal, body_hash, is_recipient_id, priority_of, read
from models.reasons import Rejection
from models.records import PRIORITIES, Class, OutboxRow
from tests.values import NOW, SOURCE, make_row, make_topic

TOPICS = {"board.shared": make_topic()}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def refusal(row: OutboxRow, **topic: Any) -> tuple[Rejection, str] | None:
    answer = read(row, {"board.shared": make_topic(**topic)})
    return (answer.reason, answer.detail) if isinstance(answer, Refusal) else None


def test_understands_the_least_a_producer_may_write():
    answer = read(make_row(data=None), TOPICS)
    assert answer == Accepted(TOPICS["board.shared"], ("anna",), 5)


def test_names_each_recipient_once_in_order():
    answer = read(make_row(recipients=("bo", "anna", "bo", "anna")), TOPICS)
    assert isinstance(answer, Accepted)
    assert answer.recipients == ("bo", "anna")


@given(
    st.builds(
        make_row,
        topic=st.sampled_from(["board.shared", "nope"]) | st.text(),
        recipients=st.none()
        | st.lists(st.none() | st.text() | st.lists(st.text()), max_size=4).map(tuple),
        audience=st.none() | st.text(),
        data=st.none() | ANYTHING.map(json.dumps),
        dedup_key=st.none() | st.text(max_size=500),
        priority=st.none() | st.integers(-32768, 32767),
        tags=st.none() | st.lists(st.none() | st.text() | st.lists(st.text())).map(tuple),
        problem=st.none() | st.text(),
    )
)
def test_answers_whatever_is_in_a_row(row: OutboxRow):
    answer = read(row, TOPICS)
    if isinstance(answer, Refusal):
        assert answer.detail
        assert len(answer.detail) < 2500
    else:
        assert all(is_recipient_id(recipient) for recipient in answer.recipients)
        assert answer.recipients
    assert len(body_hash(row)) == 32


@pytest.mark.parametrize(
    ("identifier", "allowed"),
    [
        ("a", True), ("x" * 200, True), ("🙂" * 50, True), ("a b", True), ("é", True),
        ("", False), ("x" * 201, False), ("🙂" * 51, False), (" a", False), ("a\n", False),
        ("\u00a0a", False), ("a\0b", False), (None, False), (7, False), (["a"], False),
    ],
)  # fmt: skip
def test_a_recipient_id_is_1_to_200_bytes_without_space_around(identifier: Any, *, allowed: bool):
    assert is_recipient_id(identifier) is allowed


@pytest.mark.parametrize("klass", Class)
@pytest.mark.parametrize("wish", [None, *range(10)])
def test_a_priority_stays_within_its_class(klass: Class, wish: int | None):
    low, high = PRIORITIES[klass]
    got = priority_of(klass, wish)
    assert low <= got <= high
    assert wish is None or got == wish or not low <= wish <= high


def test_256_kb_of_data_are_taken_and_a_byte_more_is_not():
    body = '{"x": "%s"}'
    fits = body % ("é" * ((256 * 1024 - len(body) + 2) // 2))
    assert refusal(make_row(data=fits)) is None
    reason, detail = refusal(make_row(data=fits + "    ")) or (None, "")
    assert reason is Rejection.DATA_TOO_LARGE
    assert str(256 * 1024) in detail


@pytest.mark.parametrize("text", ["NaN", "[1]", '"x"', "null", "1", "", " {}"])
def test_data_is_an_object(text: str):
    assert (refusal(make_row(data=text)) or (None,))[0] is Rejection.BAD_DATA


def test_says_which_part_of_the_data_does_not_fit():
    schema = json.dumps({"type": "object", "properties": {"to": {"items": {"type": "integer"}}}})
    reason, detail = refusal(make_row(data='{"to": [1, "x"]}'), schema=schema) or (None, "")
    assert reason is Rejection.BAD_DATA
    assert detail == "data.to[1] must be integer."


def test_a_schema_cannot_change_the_data():
    schema = json.dumps({"properties": {"board": {"default": "x"}}})
    assert refusal(make_row(data="{}"), schema=schema) is None


def test_a_topic_whose_schema_changed_is_read_by_the_new_one():
    one, two = ({"required": [name]} for name in ("a", "b"))
    row = make_row(data='{"a": 1}')
    assert refusal(row, schema=json.dumps(one)) is None
    assert refusal(row, schema=json.dumps(two)) is not None


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9/x", "file:///etc/hostname", "data:,{}", "x:y"])
def test_a_schema_cannot_make_us_read_a_network_or_a_file(uri: str):
    reason, detail = refusal(make_row(), schema=json.dumps({"$ref": uri})) or (None, "")
    assert reason is Rejection.BAD_DATA
    assert "only references into itself" in detail


def test_what_an_edge_had_to_replace_is_refused_with_its_words():
    told = refusal(make_row(problem="NUL was replaced at /data/x: send it without."))
    assert told == (Rejection.UNSTORABLE, "NUL was replaced at /data/x: send it without.")


SAID = {
    "topic": "other", "recipients": ("bo",), "audience": "all", "data": "{}", "actor": "cy",
    "thread": "t", "priority": 3, "tags": ("x",), "locale": "fr", "tenant": "acme", "test": True,
    "not_before": NOW, "expires_at": NOW + timedelta(1),
}  # fmt: skip
UNSAID = {
    "id": SOURCE, "dedup_key": "k", "created_at": NOW - timedelta(1), "source": SOURCE,
    "traceparent": string.hexdigits,
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_another_body_has_another_hash(name: str):
    row = make_row()
    assert body_hash(replace(row, **{name: SAID[name]})) != body_hash(row)


@pytest.mark.parametrize("name", UNSAID)
def test_the_same_body_has_the_same_hash(name: str):
    row = make_row()
    assert body_hash(replace(row, **{name: UNSAID[name]})) == body_hash(row)
