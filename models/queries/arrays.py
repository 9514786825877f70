"""Lists as the text of Postgres arrays, for statements that work on a whole batch.

psycopg writes them too, in 17 µs for an element of JSON and 13 for one of bytes; this takes
one. A statement says the type: `CAST(:ids AS uuid[])`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID


def array(values: Iterable[object]) -> str:
    """The text of a one-dimensional array; `None` is NULL."""
    return f"{{{','.join([_WRITTEN.get(type(value), _other)(value) for value in values])}}}"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _other(value: object) -> str:
    # Numbers, truth values and moments read as Python writes them; enums are the texts they are.
    return _text(value) if isinstance(value, str) else f'"{value}"'


_WRITTEN: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "NULL",
    str: _text,
    bytes: lambda value: f'"\\\\x{value.hex()}"',
    UUID: lambda value: value.hex,
    int: str,
}
"""By type: a look-up takes half the time of asking for one type after the other."""


def arrays(names: Mapping[str, str]) -> str:
    """The arrays of these columns and types, as arguments of `unnest`."""
    return ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in names.items())
