"""What the form of an audience makes of what is filled in, and of its rows."""

from typing import Any

import pytest

from dashboard.showing import conditions
from delivery.audiences import sentence
from delivery.audiences.document import read

DOCUMENT: dict[str, Any] = {"key": "some", "title": "Some", "all": [
    {"about": "opened"}, {"about": "clicked"}, {"about": "sent"},
]}  # fmt: skip


def said(document: dict[str, Any]) -> str:
    return sentence(read(document))


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        ("is", "team", {"is": "team"}),
        ("is", "3", {"is": 3}),
        ("is", "true", {"is": True}),
        ("is", "[1]", {"is": "[1]"}),
        ("in", "a, 2,,b ", {"in": ["a", 2, "b"]}),
        ("exists", "", {"exists": True}),
        ("at_least", "2.5", {"at_least": 2.5}),
        ("within", " 30 days ", {"within": "30 days"}),
        ("after", "2026-01-01", {"after": "2026-01-01"}),
    ],
)
def test_an_attribute_is_asked_as_it_is_written(test: str, value: str, expected: dict[str, Any]):
    node = conditions.attribute(" plan ", test, value)
    assert node == {"about": "attribute", "name": "plan", **expected}
    read(conditions.added({"key": "some", "title": "Some", "all": []}, (), node))


def test_what_is_left_empty_is_not_said():
    node = conditions.filled("opened", {"topic": None, "within": "", "at_least": 2})
    assert node == {"about": "opened", "at_least": 2}


def test_rows_are_added_turned_grouped_and_taken_out():
    more = conditions.added(DOCUMENT, (), {"about": "delivered"})
    assert len(conditions.inside(more)) == 4
    assert conditions.without(more, (3,)) == DOCUMENT
    turned = conditions.turned(DOCUMENT, (1,))
    assert "not: they followed a link" in said(turned)
    assert conditions.turned(turned, (1,)) == DOCUMENT
    grouped = conditions.grouped(DOCUMENT, (1,))
    assert said(grouped) == (
        "Everybody for whom (they opened at least 1 message or they followed a link in at least 1"
        " message) and they were sent at least 1 message."
    )
    together = conditions.grouped(grouped, (1,))
    assert [len(each["any"]) for each in conditions.inside(together)] == [3]
    assert conditions.ungrouped(together, (0,)) == DOCUMENT
    anybody = conditions.matching(DOCUMENT, (), "any")
    assert conditions.kind_of(anybody) == "any"
    assert "all" not in anybody


def test_groups_stand_in_groups_of_all_any_or_none():
    first = conditions.grouped(DOCUMENT, (0,))
    nested = conditions.grouped(first, (0, 0))
    assert conditions.groups(nested) == [(), (0,), (0, 0)]
    none = conditions.matching(nested, (0, 0), "none")
    more = conditions.added(none, (0, 0), {"about": "delivered"})
    assert more["all"][0]["any"][0] == {
        "not": {"any": [{"about": "opened"}, {"about": "delivered"}]}
    }
    assert conditions.kind_of(more["all"][0]["any"][0]) == "none"
    assert conditions.without(more, (0, 0, 1)) == none
    assert (more["key"], more["title"]) == ("some", "Some")
    read(more)
    flat = conditions.ungrouped(conditions.ungrouped(nested, (0, 0)), (0,))
    assert flat == DOCUMENT
