"""An audience's document as a form fills it: conditions made, added, turned and taken out. Pure."""

import json
from collections.abc import Mapping
from typing import Any

Node = dict[str, Any]
Document = dict[str, Any]

ATTRIBUTE_TESTS: dict[str, str] = {
    "is": "is",
    "in": "is one of",
    "contains": "contains",
    "exists": "is known",
    "at_least": "is at least",
    "at_most": "is at most",
    "within": "is in the last",
    "longer_ago": "is longer ago than",
    "coming": "is in the next",
    "after": "is on or after",
    "before": "is before",
}
"""What an attribute may be asked, in words."""
_NUMBERS = frozenset({"at_least", "at_most"})


def attribute(name: str, test: str, said: str) -> Node:
    """A condition about an attribute; what looks like a number, true or false is one."""
    node: Node = {"about": "attribute", "name": name.strip()}
    if test == "exists":
        return {**node, "exists": True}
    if test == "in":
        return {**node, "in": [_value(each) for each in split(said)]}
    as_value = test in {"is", "contains"} | _NUMBERS
    return {**node, test: _value(said) if as_value else said.strip()}


def _value(text: str) -> Any:
    """A number or truth value as JSON writes it, else the text."""
    try:
        found = json.loads(text)
    except ValueError:
        return text.strip()
    return found if isinstance(found, (bool, int, float)) else text.strip()


def split(text: str) -> list[str]:
    """The values that somebody wrote with commas between them."""
    return [part.strip() for part in text.split(",") if part.strip()]


def filled(about: str, fields: Mapping[str, Any]) -> Node:
    """A condition with the fields that were filled in."""
    given = {name: value for name, value in fields.items() if value not in (None, "", [])}
    return {"about": about, **given}


def group_of(document: Document) -> str:
    """Whether all of its conditions must hold, or any."""
    return "any" if "any" in document else "all"


def conditions(document: Document) -> list[Node]:
    """Its conditions, in order."""
    found = document.get(group_of(document))
    return list(found) if isinstance(found, list) else []


def matching(document: Document, group: str) -> Document:
    """The same conditions, of which `all` or `any` must hold."""
    return _with(document, conditions(document), group)


def added(document: Document, node: Node) -> Document:
    """With one condition more."""
    return _with(document, [*conditions(document), node])


def without(document: Document, place: int) -> Document:
    """Without the condition at a place."""
    found = conditions(document)
    return _with(document, found[:place] + found[place + 1 :])


def turned(document: Document, place: int) -> Document:
    """With the condition at a place turned into its opposite."""
    found = conditions(document)
    node = found[place]
    found[place] = node["not"] if set(node) == {"not"} else {"not": node}
    return _with(document, found)


def grouped(document: Document, place: int) -> Document:
    """With the condition at a place in one group with the one above: the other kind of group."""
    found = conditions(document)
    kind = "all" if group_of(document) == "any" else "any"
    above, here = found[place - 1], found[place]
    inside = list(above[kind]) if set(above) == {kind} else [above]
    found[place - 1 : place + 1] = [{kind: [*inside, here]}]
    return _with(document, found)


def _with(document: Document, found: list[Node], group: str = "") -> Document:
    frame = {name: value for name, value in document.items() if name not in {"all", "any"}}
    return {**frame, (group or group_of(document)): found}
