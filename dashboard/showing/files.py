"""Tables as files: CSV that no spreadsheet takes for formulas, and Parquet. Pure.

Both are written batch by batch, so a file may be longer than what fits into memory.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.showing.table import Table, Value
from delivery.sheets import guarded

Rows = Sequence[Sequence[Value]]
_ARROW: Mapping[type, pa.DataType] = {
    bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string(),
    datetime: pa.timestamp("us", tz="UTC"),
}  # fmt: skip
"""What is true or false is a number, too, to Python: it stands first."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file is written of.

    Attributes:
        columns: Name to what its values are, if they are not `None`.
    """

    columns: Mapping[str, type]
    batches: Iterator[Rows]


def sheet_of(table: Table) -> Sheet:
    """A table that is in memory; a column without a value is text."""
    kinds = (_kind([row[place] for row in table.rows]) for place in range(len(table.columns)))
    return Sheet(dict(zip(table.columns, kinds, strict=True)), iter([table.rows]))


def _kind(values: Sequence[Value]) -> type:
    first = next((value for value in values if value is not None), "")
    return next(kind for kind in _ARROW if isinstance(first, kind))


def as_csv(sheet: Sheet) -> Iterator[bytes]:
    """Comma-separated lines (RFC 4180); moments in UTC (RFC 3339)."""
    yield _lines([list(sheet.columns)])
    for rows in sheet.batches:
        yield _lines(rows)


def _lines(rows: Rows) -> bytes:
    text = StringIO()
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return guarded(value) if isinstance(value, str) else str(value)


def as_parquet(sheet: Sheet) -> Iterator[bytes]:
    """Apache Parquet, a row group a batch."""
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in sheet.columns.items()])
    sink = _Sink()
    with pq.ParquetWriter(sink, schema) as writer:
        for rows in sheet.batches:
            columns = [list(column) for column in zip(*rows, strict=True)] if rows else None
            if columns:
                arrays = [
                    pa.array(values, field.type)
                    for values, field in zip(columns, schema, strict=True)
                ]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield sink.drain()
    yield sink.drain()


class _Sink(BytesIO):
    """What was written and not taken yet; it knows how much it was in all."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = 0

    def drain(self) -> bytes:
        """What was written since the last time."""
        written = self.getvalue()
        self.seek(0)
        self.truncate()
        self._taken += len(written)
        return written

    def tell(self) -> int:
        """How much was written in all: Parquet notes where its parts are."""
        return self._taken + super().tell()

    def close(self) -> None:
        """Stay open: the end of the file is taken after its writer is done."""
