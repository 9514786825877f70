"""A table that people see and take along: its columns, and rows of plain values. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

Value = str | int | float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        key: Its name in URLs and files.
        nothing: What stands where it has no rows.
        shares: Columns that are shares, shown per cent.
    """

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    nothing: str = "Nothing yet."
    note: str = ""
    shares: Sequence[str] = ()
