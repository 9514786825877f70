"""Data at the edge fits the schema it is made for, and differs from what it was made of."""

import json

import pytest
from hypothesis import given, settings, strategies as st

from delivery.publishing.examples import made_up
from delivery.publishing.personas import personas
from delivery.reading import compiled

FIELDS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "maxLength": 5},
        {"type": "string", "format": "date-time"},
        {"type": ["string", "null"]},
        {"type": "integer"},
        {"enum": ["one", "two"]},
        {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
        {"type": "object", "properties": {"deep": {"type": "string"}}, "required": ["deep"]},
    ]
)
SCHEMAS = st.dictionaries(st.sampled_from("abcde"), FIELDS, min_size=1).map(
    lambda fields: json.dumps(
        {"type": "object", "properties": fields, "required": sorted(fields)[:1]}
    )
)


@settings(max_examples=25)
@given(SCHEMAS)
def test_every_persona_fits_its_schema(schema: str):
    usual = made_up(schema)
    for name, data in personas(schema, usual):
        compiled(schema)(data)
        assert data != usual, name


def names(schema: object, usual: object) -> set[str]:
    return {name for name, _ in personas(None if schema is None else json.dumps(schema), usual)}


def test_without_a_schema_nothing_is_taken_away():
    usual = {"page": "Great Wave", "rows": [1]}
    for name, data in personas(None, usual):
        assert data.keys() == usual.keys(), name
    assert {"1,000 items", "empty lists", "emoji"} <= names(None, usual)


def test_what_something_reads_stays_as_it_is():
    usual = {"url": "https://a.se/x", "at": "2026-01-31T09:30:00Z", "code": "EUR", "to": "a@b.se"}
    assert names(None, usual) == set()


@pytest.mark.parametrize(
    ("schema", "gone"),
    [({"properties": {"a": {}}}, True), ({"properties": {"a": {}}, "required": ["a"]}, False)],
)
def test_only_what_is_optional_is_left_out(schema: object, *, gone: bool):
    assert ("only what is required" in names(schema, {"a": 1})) is gone


def test_what_would_be_too_large_for_an_event_is_not_made():
    assert "1,000 items" not in names(None, {"rows": ["x" * 1000]})
