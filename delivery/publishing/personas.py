"""Data at the edge of what a topic allows, made of its JSON Schema and of what it usually says."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from delivery.reading import MAX_DATA, compiled

_ARABIC, _EMOJI = "مرحبا بالعالم هذا نص من اليمين إلى اليسار", "👩🏽‍🚀🎉 zażółć 🇸🇪"
INJECTED = "<tidings-injected>"
"""A tag that no mail has: where it comes out as one, data is written as it is."""
_HTML = f"{INJECTED}<script>alert(1)</script> & \"quoted\" 'too'"
_LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis and on " * 30
_MANY = 1000

TEXTS: Mapping[str, Callable[[str], str]] = {
    "very long values": lambda text: text + " " + _LONG,
    "right-to-left text": lambda _: _ARABIC,
    "emoji": lambda text: f"{_EMOJI} {text}",
    "HTML in values": lambda text: _HTML + text,
}
"""By name, what becomes of each text that is free."""

_FIXED = frozenset({"enum", "const", "format", "pattern"})
_LOOKS_FIXED = re.compile(
    r"(?i)(?:https?:|mailto:|/)\S*|\d[\d\s.,:+TZ/-]*|[A-Z]{2,4}|[a-z]{2}([-_][A-Z]{2})?"
    r"|#[0-9a-f]{3,8}|[^\s@]+@[^\s@]+"
)
"""Addresses, dates, codes, colours: something reads them, so they are not just text."""

_Node = Mapping[str, Any]
_Change = Callable[[Any, _Node], Any]


def personas(schema: str | None, usual: Any) -> Iterator[tuple[str, Any]]:
    """Names and data that differ from what is usual, each as far as the schema lets it.

    Args:
        schema: As JSON text; `None`: everything is allowed, and nothing is known to be optional.
        usual: Data to begin with.
    """
    root = json.loads(schema) if schema else {}
    node = root if isinstance(root, dict) else {}
    fits = compiled(schema) if schema else lambda data: data
    for name, change in _changes().items():
        made = change(usual, node)
        if made != usual and _allowed(fits, made):
            yield name, made


def _changes() -> dict[str, _Change]:
    texts = {name: _written(write) for name, write in TEXTS.items()}
    return {
        "only what is required": _bare,
        "null where it may be": _nulls,
        "empty lists": _lists(0),
        f"{_MANY:,} items": _lists(_MANY),
        **texts,
    }


def _allowed(fits: Callable[[Any], Any], data: Any) -> bool:
    if len(json.dumps(data)) > MAX_DATA:
        return False
    try:
        fits(data)
    except Exception:  # noqa: BLE001 - whatever a validator raises, it says no
        return False
    return True


def _inside(value: Any, node: _Node, change: _Change) -> Any:
    """The value with everything in it changed."""
    if isinstance(value, dict):
        fields = _fields(node)
        return {name: change(each, fields.get(name, {})) for name, each in value.items()}
    if isinstance(value, list):
        return [change(each, _node(node.get("items"))) for each in value]
    return value


def _fields(node: _Node) -> Mapping[str, _Node]:
    found = _node(node.get("properties"))
    return {name: _node(each) for name, each in found.items()}


def _node(found: Any) -> _Node:
    return found if isinstance(found, dict) else {}


def _bare(value: Any, node: _Node) -> Any:
    if isinstance(value, dict) and "properties" in node:
        required = node.get("required", [])
        value = {name: each for name, each in value.items() if name in required}
    return _inside(value, node, _bare)


def _nulls(value: Any, node: _Node) -> Any:
    kinds = node.get("type")
    return None if isinstance(kinds, list) and "null" in kinds else _inside(value, node, _nulls)


def _lists(length: int) -> _Change:
    def changed(value: Any, node: _Node) -> Any:
        if not isinstance(value, list):
            return _inside(value, node, changed)
        most = min(length, node.get("maxItems", length))
        wanted = max(most, node.get("minItems", 0))
        return (value * (wanted // len(value) + 1))[:wanted] if value else value

    return changed


def _written(write: Callable[[str], str]) -> _Change:
    def changed(value: Any, node: _Node) -> Any:
        if not isinstance(value, str):
            return _inside(value, node, changed)
        if _FIXED & node.keys() or _LOOKS_FIXED.fullmatch(value):
            return value
        return write(value)[: node.get("maxLength")]

    return changed
