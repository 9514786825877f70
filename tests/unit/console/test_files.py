"""Tables as files: what spreadsheets and programs read in them."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pyarrow.parquet as pq
import pytest

from dashboard.showing.files import Rows, Sheet, as_csv, as_parquet, sheet_of
from dashboard.showing.table import Table
from models.states import CampaignState

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
TABLE = Table(
    "links", "Links", ("Says", "Clicks", "Share", "At", "None of it", "So"),
    [("=cmd()", 3, 0.5, AT, None, True), ('Grüße, "Ada"\n', None, -0.25, None, None, False)],
)  # fmt: skip


def test_csv_has_no_formula_and_comes_back_as_it_was():
    written = b"".join(as_csv(sheet_of(TABLE))).decode()
    assert list(csv.reader(StringIO(written, newline=""))) == [
        list(TABLE.columns),
        ["'=cmd()", "3", "0.5", "2026-11-23T09:00:00+00:00", "", "True"],
        ['Grüße, "Ada"\n', "", "-0.25", "", "", "False"],
    ]


def test_parquet_keeps_what_values_are():
    found = pq.read_table(BytesIO(b"".join(as_parquet(sheet_of(TABLE)))))
    assert found.to_pylist() == [dict(zip(TABLE.columns, row, strict=True)) for row in TABLE.rows]
    assert str(found.schema.field("At").type) == "timestamp[us, tz=UTC]"


@pytest.mark.parametrize("written", [as_csv, as_parquet])
def test_a_file_is_written_before_all_of_it_is_read(
    written: Callable[[Sheet], Iterator[bytes]],
):
    read: list[int] = []

    def batches() -> Iterator[Rows]:
        for number in range(3):
            read.append(number)
            yield [(number,)] * 1000

    parts = iter(written(Sheet({"Number": int}, batches())))
    next(parts)
    assert len(read) < 3
    rest = b"".join(parts)
    assert rest
    assert read == [0, 1, 2]


def test_parquet_has_a_row_group_a_batch():
    sheet = Sheet({"Number": int}, iter([[(1,), (2,)], [], [(None,)]]))
    found = pq.ParquetFile(BytesIO(b"".join(as_parquet(sheet))))
    assert found.num_row_groups == 2
    assert found.read().column("Number").to_pylist() == [1, 2, None]


def test_states_are_text():
    table = Table("campaigns", "Campaigns", ("State",), [(None,), (CampaignState.DRAFT,)])
    found = pq.read_table(BytesIO(b"".join(as_parquet(sheet_of(table)))))
    assert found.column("State").to_pylist() == [None, "draft"]


def test_nothing_is_a_file_all_the_same():
    empty = Table("links", "Links", ("Says",), [])
    assert b"".join(as_csv(sheet_of(empty))) == b"Says\r\n"
    assert pq.read_table(BytesIO(b"".join(as_parquet(sheet_of(empty))))).num_rows == 0
