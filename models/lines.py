r"""Rows as lines of COPY's text format.

psycopg writes them too, a value at a time, in three times the CPU. A line is its values, separated
by tabs; NULL is `\N`; a tab, a line's end or a backslash inside a text is escaped
(https://www.postgresql.org/docs/current/sql-copy.html, "Text Format").
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import is_
from typing import Any
from uuid import UUID


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """The rows; a list is given as the text of its array."""
    columns = [_texts(column) for column in zip(*rows, strict=True)]
    return "".join(["\t".join(row) + "\n" for row in zip(*columns, strict=True)])


def _texts(column: Sequence[object]) -> Iterable[str]:
    """A column's texts; most columns of a batch hold the same object in every row."""
    if all(map(is_, column, repeat(column[0]))):
        return repeat(_value(column[0]), len(column))
    return map(_value, column)


def _value(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    if isinstance(value, (list, tuple, dict)):
        raise TypeError(f"a {type(value).__name__} is written as the text of an array or of JSON")
    return str(value)  # numbers, truth values and moments read as Python writes them


def _escaped(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", r"\\")
    if text.isprintable():
        return str(text)
    return text.replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
