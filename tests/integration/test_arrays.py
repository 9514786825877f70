"""Lists written as the text of arrays arrive in Postgres as they were."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from models.queries.arrays import array
from tests.conftest import Postgres

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


@pytest.mark.parametrize(("kind", "values"), KINDS, ids=[kind for kind, _ in KINDS])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_list_arrives_as_it_was(
    connection: psycopg.Connection,
    kind: str,
    values: st.SearchStrategy[Any],
    data: st.DataObject,
):
    wanted = data.draw(st.lists(values | st.none(), max_size=5))
    row = connection.execute(f"SELECT CAST(%s AS {kind}[])", [array(wanted)]).fetchone()
    assert row == (wanted,)


def test_writes_ids_and_moments_as_postgres_reads_them():
    moment = datetime(2026, 11, 22, 13, tzinfo=UTC) + timedelta(microseconds=5)
    assert array([moment]) == '{"2026-11-22 13:00:00.000005+00:00"}'
    assert array([UUID(int=1), None]) == "{00000000000000000000000000000001,NULL}"
