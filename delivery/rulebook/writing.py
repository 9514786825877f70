"""A rulebook's document as TOML, as people wrote it but for comments."""

import json
import re
from collections.abc import Mapping
from typing import Any

_LINES = re.compile(r"(?=.*\n)(?:(?!''')[^\x00-\x08\x0b-\x1f\x7f])*(?<!')", re.DOTALL)
"""Text of several lines that can stand between quotes as it is."""


def as_toml(document: Mapping[str, Any]) -> str:
    """The document as TOML; reading it gives the same document."""
    plain = [f"{_key(k)} = {_value(v)}" for k, v in document.items() if not _is_section(v)]
    sections = {name: value for name, value in document.items() if _is_section(value)}
    parts = ["\n".join(plain)] if plain else []
    for name, value in sections.items():
        if isinstance(value, list):
            parts += [_table(f"[[{_key(name)}]]", each) for each in value]
    for name, value in sections.items():
        if isinstance(value, Mapping):
            parts.append(_table(f"[{_key(name)}]", value))
    return "\n\n".join(parts) + "\n"


def _is_section(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, Mapping) for each in value)
    return isinstance(value, Mapping)


def _table(head: str, fields: Mapping[str, Any]) -> str:
    lines = [f"{_key(k)} = {_value(v)}" for k, v in fields.items() if v is not None]
    return "\n".join([head, *lines])


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        members = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {members} }}" if members else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str) and _LINES.fullmatch(value):
        return f"'''\n{value}'''"
    return _text(value)


def _text(value: object) -> str:
    # Strings of JSON are strings of TOML, but for the one character that only JSON leaves bare.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
