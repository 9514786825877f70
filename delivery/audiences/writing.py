"""An audience's document as TOML, in the order in which people write it."""

from collections.abc import Mapping
from typing import Any

from delivery.rulebook import writing

_FIRST = ("key", "title", "about", "name", "topic", "channel", "category")
"""What stands before everything else, in this order."""


def as_toml(document: Mapping[str, Any]) -> str:
    """The document as TOML; reading it gives the same document."""
    return writing.as_toml(_ordered(document))


def _ordered(value: Any) -> Any:
    """The database keeps no order of fields."""
    if isinstance(value, list):
        return [_ordered(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    names = [*(name for name in _FIRST if name in value), *sorted(value.keys() - {*_FIRST})]
    return {name: _ordered(value[name]) for name in names}
