"""Values that we write as text, in arrays and in lines of COPY, arrive in Postgres as they were."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from models.database import DataError, SyncDatabase
from models.lines import lines
from models.queries.arrays import array
from models.query import Copy
from tests.databases import Postgres

STORABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
KINDS = [
    ("text", st.text(STORABLE) | st.sampled_from(["NULL", "", " a ", "{,}", 'a"\\', "\n"])),
    ("bigint", st.integers(-(2**63), 2**63 - 1)),
    ("uuid", st.uuids()),
    ("bytea", st.binary()),
    ("boolean", st.booleans()),
    ("date", st.dates(date(1970, 1, 1))),
    ("timestamptz", MOMENTS),
]


@pytest.fixture(scope="module")
def connection(postgres: Postgres) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.url, options="-c timezone=UTC") as connection:
        yield connection


def as_array(connection: psycopg.Connection, kind: str, values: Sequence[Any]) -> list[Any]:
    row = connection.execute(f"SELECT CAST(%s AS {kind}[])", [array(values)]).fetchone()
    assert row is not None
    return list(row[0])


def as_lines(connection: psycopg.Connection, kind: str, values: Sequence[Any]) -> list[Any]:
    """Each value twice in a row, so that they are kept apart."""
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE t (n serial, a {kind}, b {kind})")
        with cursor.copy("COPY t (a, b) FROM STDIN") as stream:
            stream.write(lines([(value, value) for value in values]))
        rows = cursor.execute("SELECT a, b FROM t ORDER BY n").fetchall()
    assert all(a == b for a, b in rows)
    return [a for a, _ in rows]


@pytest.mark.parametrize("way", [as_array, as_lines])
@pytest.mark.parametrize(("kind", "values"), KINDS, ids=[kind for kind, _ in KINDS])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_values_arrive_as_they_were(
    connection: psycopg.Connection,
    kind: str,
    values: st.SearchStrategy[Any],
    way: Callable[..., list[Any]],
    data: st.DataObject,
):
    wanted = data.draw(st.lists(values | st.none(), max_size=5))
    assert way(connection, kind, wanted) == wanted


def test_an_array_says_ids_and_moments_as_postgres_reads_them():
    moment = datetime(2026, 11, 22, 13, tzinfo=UTC) + timedelta(microseconds=5)
    assert array([moment]) == '{"2026-11-22 13:00:00.000005+00:00"}'
    assert array([UUID(int=1), None]) == "{00000000000000000000000000000001,NULL}"


def test_what_no_text_may_hold_is_refused_and_leaves_nothing(database_url: str):
    database = SyncDatabase.connect(database_url)
    for text in ("NUL \0", "half a pair \ud800"):
        with pytest.raises(DataError), database.begin() as tx:
            tx.copy(Copy("sources", ["source", "name"], [(None, text)]))
    database.close()


def test_a_list_that_nobody_wrote_as_an_array_is_a_bug_of_ours():
    with pytest.raises(TypeError, match="list"):
        lines([(1, ["a"])])
