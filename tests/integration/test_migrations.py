"""The schema is what the migrations make, and they make what the tables say."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from models import (  # noqa: F401
    access,
    accounts,
    approvals,
    audiences,
    campaigns,
    catalog,
    conversions,
    deliveries,
    digests,
    inbox,
    outbox,
    recipients,
    signing,
)
from models.base import Base
from models.schema import downgrade, is_ours, newest_revision, upgrade
from models.urls import sqlalchemy_url
from tests.databases import Postgres

ROOT = Path(__file__).parent.parent.parent
BIG = [table for table in Base.metadata.sorted_tables if "bucket" in table.columns]


def shape(url: str) -> Any:
    """Everything pg_dump would say about the schema, but for the partitions."""
    with psycopg.connect(url) as connection:
        return [
            connection.execute(query).fetchall()
            for query in (
                """SELECT table_name, column_name, data_type, is_nullable, column_default
                     FROM information_schema.columns WHERE table_schema = 'public'
                      AND table_name !~ '_[0-9]{8}$' ORDER BY 1, 2""",
                """SELECT tablename, indexname, indexdef FROM pg_indexes
                    WHERE schemaname = 'public' AND tablename !~ '_[0-9]{8}$' ORDER BY 1, 2""",
                """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
                     FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                      AND conrelid::regclass::text !~ '_[0-9]{8}$' ORDER BY 1, 2""",
                "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
            )
        ]


def tables(url: str) -> set[str]:
    engine = create_engine(sqlalchemy_url(url))
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def test_goes_up_down_and_up_again(empty_database_url: str):
    upgrade(empty_database_url)
    made = shape(empty_database_url)
    downgrade(empty_database_url, "base")
    assert tables(empty_database_url) == set()
    upgrade(empty_database_url)
    assert shape(empty_database_url) == made


def test_each_step_can_be_taken_alone_both_ways(empty_database_url: str):
    newest = newest_revision()
    assert newest is not None
    revisions = [f"{number:04}" for number in range(1, int(newest) + 1)]
    shapes = []
    for revision in revisions:
        upgrade(empty_database_url, revision)
        shapes.append(shape(empty_database_url))
    for revision, expected in list(zip(revisions, shapes, strict=True))[-2::-1]:
        downgrade(empty_database_url, revision)
        assert shape(empty_database_url) == expected, revision


def test_makes_exactly_what_the_tables_say(database_url: str):
    engine = create_engine(sqlalchemy_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": is_ours, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_services_that_start_at_once_migrate_once(empty_database_url: str):
    environment = {**os.environ, "TIDINGS_DATABASE_URL": empty_database_url}
    command = [sys.executable, "-m", "scheduler", "migrate"]
    services = [
        subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [service.communicate(timeout=60)[1] for service in services]
    assert [service.returncode for service in services] == [0, 0], said
    assert "outbox" in tables(empty_database_url)


def test_migrating_twice_keeps_what_people_changed(database_url: str):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE sources SET name = 'headquarters'")
        upgrade(database_url)
        found = connection.execute("SELECT name FROM sources").fetchall()
    assert found == [("headquarters",)]


@pytest.mark.parametrize("table", BIG, ids=lambda table: table.name)
def test_the_bucket_comes_first_in_every_key_of_a_big_table(table: Any):
    assert next(iter(table.primary_key.columns)).name == "bucket"
    for index in table.indexes:
        assert not index.unique or next(iter(index.columns)).name == "bucket"
    for constraint in table.foreign_key_constraints:
        assert next(iter(constraint.columns)).name == "bucket"


STAND_IN = """
    CREATE TABLE spread (tab text, how text, beside text);
    CREATE FUNCTION create_reference_table(text) RETURNS void LANGUAGE sql AS
        $$ INSERT INTO spread VALUES ($1, 'everywhere') $$;
    CREATE FUNCTION create_distributed_table(text, text, colocate_with text DEFAULT NULL)
        RETURNS void LANGUAGE sql AS
        $$ INSERT INTO spread VALUES ($1, coalesce($2, 'one node'), $3) $$;
    CREATE FUNCTION undistribute_table(text) RETURNS void LANGUAGE sql AS
        $$ DELETE FROM spread WHERE tab = $1 $$;
    INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    VALUES (999999, 'citus', 10, 'public'::regnamespace, false, '0')
"""
"""What migrations ask of Citus, written down instead of done."""
LOCAL = {"outbox", "recipient_changes", "conversions_waiting", "audit"}
"""Ordinary tables: in the producers' own transactions, or with a trigger."""


def test_migrations_say_of_every_table_where_it_lies(empty_database_url: str, postgres: Postgres):
    if postgres.home is None:
        pytest.skip("stands in for Citus on a server of ours")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(STAND_IN)
        upgrade(empty_database_url)
        found = connection.execute("SELECT tab, how, beside FROM spread").fetchall()
    spread = {table: how for table, how, _ in found}
    big = {table.name for table in BIG}
    assert {table for table, how in spread.items() if how == "bucket"} == big
    assert set(Base.metadata.tables) - spread.keys() == LOCAL
    assert len(found) == len(spread), "each once"
    (first,) = (table for table, how, beside in found if how == "bucket" and beside is None)
    assert {beside for _, how, beside in found if how == "bucket"} == {None, first}


def test_a_table_that_lies_elsewhere_is_no_foreign_key_of_a_big_one():
    """A foreign key leads to a table beside it or to one that is everywhere."""
    for table in BIG:
        assert all(key.column.table in BIG for key in table.foreign_keys), table.name


def test_an_outbox_refuses_nothing_a_producer_may_write(database_url: str):
    """A bad row must not abort the producer's transaction: no CHECK, no trigger, no tight index."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        checks = connection.execute("""
            SELECT conname FROM pg_constraint WHERE conrelid = 'outbox'::regclass
               AND contype NOT IN ('p', 'n')""").fetchall()
        triggers = connection.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'outbox'::regclass"
        ).fetchall()
        assert (checks, triggers) == ([], [])
        # Too long for a btree, and nothing compresses it.
        connection.execute("""
            INSERT INTO outbox (topic, recipients)
            SELECT string_agg(md5(random()::text), ''), '{anna}' FROM generate_series(1, 300)""")
        for name in ("audience", "dedup_key", "actor", "thread", "locale", "tenant", "traceparent"):
            connection.execute(f"""
                INSERT INTO outbox (topic, {name})
                SELECT '', string_agg(md5(random()::text), '') FROM generate_series(1, 300)""")
