"""Whether data has what a template asks for, by its JSON Schema and by what was seen. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

Path = tuple[str, ...]
_OPEN = frozenset({"$ref", "allOf", "anyOf", "if", "oneOf", "patternProperties"})
"""Words of JSON Schema by which there may be more than `properties` says."""


class Said(StrEnum):
    """What a schema says of a field."""

    THERE = "there"
    NEVER = "never"
    UNSAID = "unsaid"
    """Its neighbours are described, and it is not."""
    ANYTHING = "anything"
    """Nothing is described there."""


def said(schema: Any, path: Path) -> Said:
    """What a schema says of a path in the data."""
    if not path:
        return Said.THERE
    if not isinstance(schema, dict) or _OPEN & schema.keys():
        return Said.ANYTHING
    if path[0].lstrip("-").isdecimal():
        return said(schema.get("items"), path[1:])
    fields = schema.get("properties", {})
    if path[0] in fields:
        return said(fields[path[0]], path[1:])
    return _beside(schema)


def _beside(schema: Mapping[str, Any]) -> Said:
    """What a schema says of a field that it does not name."""
    if schema.get("additionalProperties") is False:
        return Said.NEVER
    return Said.UNSAID if schema.get("properties") else Said.ANYTHING


def seen(values: Iterable[Any], path: Path) -> bool:
    """Whether any of these has something at a path; a method of a value counts."""
    return any(_at(value, path) for value in values)


def _at(value: Any, path: Path) -> bool:
    for name in path:
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.lstrip("-").isdecimal() and value:
            value = value[0]
        else:
            return value is not None and hasattr(value, name)
    return True
