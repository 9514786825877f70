"""Rows written as the lines of COPY arrive in Postgres as they were."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from models.database import DataError, SyncDatabase
from models.lines import lines
from models.query import Copy
from tests.conftest import Postgres
from tests.integration.test_arrays import KINDS


@pytest.fixture(scope="module")
def connection(postgres: Postgres) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.url, options="-c timezone=UTC") as connection:
        yield connection


@pytest.mark.parametrize(("kind", "values"), KINDS, ids=[kind for kind, _ in KINDS])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_rows_arrive_as_they_were(
    connection: psycopg.Connection,
    kind: str,
    values: st.SearchStrategy[Any],
    data: st.DataObject,
):
    value = values | st.none()
    wanted = data.draw(st.lists(st.tuples(value, value), max_size=4))
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE t (n serial, a {kind}, b {kind})")
        with cursor.copy("COPY t (a, b) FROM STDIN") as stream:
            stream.write(lines(wanted))
        assert cursor.execute("SELECT a, b FROM t ORDER BY n").fetchall() == wanted


def test_what_no_text_may_hold_is_refused_and_leaves_nothing(database_url: str):
    database = SyncDatabase.connect(database_url)
    for text in ("NUL \0", "half a pair \ud800"):
        with pytest.raises(DataError), database.begin() as tx:
            tx.copy(Copy("sources", ["source", "name"], [(None, text)]))
    database.close()


def test_a_list_that_nobody_wrote_as_an_array_is_a_bug_of_ours():
    with pytest.raises(TypeError, match="list"):
        lines([(1, ["a"])])
