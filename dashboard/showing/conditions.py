"""An audience's document as a form fills it: conditions made, grouped, turned. Pure."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Node = dict[str, Any]
Document = dict[str, Any]
Path = tuple[int, ...]
"""The way to a node: its place in each group, from the outside in; empty: the whole."""
_NAMES = frozenset({"key", "title"})

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


def kind_of(node: Mapping[str, Any]) -> str | None:
    """Whether a node is a group, of which `all`, `any` or `none` must hold; `None`: it is none."""
    if "all" in node or "any" in node:
        return "any" if "any" in node else "all"
    inside = node.get("not")
    return "none" if isinstance(inside, dict) and set(inside) == {"any"} else None


def inside(node: Mapping[str, Any]) -> list[Node]:
    """What stands in a group, in order; of the whole document, its conditions."""
    kind = kind_of(node)
    found = node["not"]["any"] if kind == "none" else node.get(kind or "all")
    return list(found) if isinstance(found, list) else []


def group(kind: str, nodes: list[Node]) -> Node:
    """A group of these."""
    return {"not": {"any": nodes}} if kind == "none" else {kind: nodes}


def groups(document: Document) -> list[Path]:
    """The ways to all groups, the whole first."""

    def found(node: Mapping[str, Any], path: Path) -> Iterator[Path]:
        yield path
        for place, each in enumerate(inside(node)):
            if kind_of(each) is not None:
                yield from found(each, (*path, place))

    return list(found(document, ()))


def matching(document: Document, path: Path, kind: str) -> Document:
    """The same conditions in a group of which `all`, `any` or `none` must hold."""
    return _changed(document, path, lambda node: group(kind, inside(node)))


def added(document: Document, path: Path, node: Node) -> Document:
    """With one condition more in a group."""
    return _within(document, path, lambda found: [*found, node])


def without(document: Document, path: Path) -> Document:
    """Without the condition or group at the end of a way."""
    *group_, place = path
    return _within(document, tuple(group_), lambda found: [*found[:place], *found[place + 1 :]])


def turned(document: Document, path: Path) -> Document:
    """With the condition at the end of a way turned into its opposite."""
    return _changed(
        document, path, lambda node: node["not"] if set(node) == {"not"} else {"not": node}
    )


def grouped(document: Document, path: Path) -> Document:
    """With a condition in one group with the one above: of the other kind than the group it is in.

    The first one gets a group of its own.
    """
    *group_, place = path

    def together(node: Node) -> Node:
        found, within = inside(node), kind_of(node) or "all"
        kind = "all" if within == "any" else "any"
        above, here = found[max(place - 1, 0) : place], found[place]
        before = inside(above[0]) if above and kind_of(above[0]) == kind else above
        return group(within, [
            *found[: place - len(above)], group(kind, [*before, here]), *found[place + 1 :],
        ])  # fmt: skip

    return _changed(document, tuple(group_), together)


def ungrouped(document: Document, path: Path) -> Document:
    """With what stands in a group in its place."""
    *group_, place = path
    return _within(
        document, tuple(group_),
        lambda found: [*found[:place], *inside(found[place]), *found[place + 1 :]],
    )  # fmt: skip


def _within(document: Document, path: Path, change: Callable[[list[Node]], list[Node]]) -> Document:
    return _changed(
        document, path, lambda node: group(kind_of(node) or "all", change(inside(node)))
    )


def _changed(node: Node, path: Path, change: Callable[[Node], Node]) -> Node:
    """A node with the one at the end of a way changed; names beside its group stay."""
    if path:
        place, *rest = path
        found = inside(node)
        found[place] = _changed(found[place], tuple(rest), change)
        made = group(kind_of(node) or "all", found)
    else:
        made = change(node)
    kept = {name: value for name, value in node.items() if name in _NAMES and "about" not in node}
    return {**kept, **made}
