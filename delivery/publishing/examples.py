"""What a topic says of itself by example, and data made up where it says nothing. Pure."""

import json
from collections.abc import Mapping
from typing import Any

_PLAIN: Mapping[str, Any] = {
    "string": "Text",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "null": None,
}
_FORMATS: Mapping[str, str] = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T09:30:00Z",
    "email": "anna@example.com",
    "time": "09:30:00Z",
    "uri": "https://www.example.com/",
    "uuid": "00000000-0000-8000-8000-000000000000",
}


def examples_of(schema: str | None) -> list[Any]:
    """The examples of a JSON Schema."""
    read = json.loads(schema) if schema else {}
    examples = read.get("examples", []) if isinstance(read, dict) else []
    return examples if isinstance(examples, list) else []


def made_up(schema: str | None) -> Any:
    """Something of the kind that a JSON Schema describes, not always valid: it may ask for more."""
    return _made(json.loads(schema)) if schema else {}


def _made(node: Any) -> Any:
    if not isinstance(node, dict):
        return "Text"
    for name in ("const", "default"):
        if name in node:
            return node[name]
    for name in ("enum", "examples"):
        if node.get(name):
            return node[name][0]
    kinds = node.get("type", "object" if "properties" in node else "string")
    return _of_kind(kinds[0] if isinstance(kinds, list) else kinds, node)


def _of_kind(kind: Any, node: Mapping[str, Any]) -> Any:
    if kind == "object":
        return {name: _made(each) for name, each in node.get("properties", {}).items()}
    if kind == "array":
        return [_made(node.get("items", {}))]
    if kind == "string":
        return _FORMATS.get(str(node.get("format")), "Text")
    return node.get("minimum", _PLAIN.get(str(kind)))
