"""Backups of a database, and what is sent before and after them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from scheduler.planning.intake import Again
from scheduler.restoring.replay import mark
from tests.pipeline import Pipeline

KEEP = timedelta(days=7)


@dataclass
class Backup:
    """All rows of a database as they were at a moment."""

    connection: psycopg.Connection[Any]
    at: datetime
    tables: list[str]

    @classmethod
    def take(cls, pipeline: Pipeline) -> "Backup":
        tables = pipeline.column(
            """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND c.relname <> 'alembic_version'"""
        )
        pipeline.run_sql("DROP SCHEMA IF EXISTS backup CASCADE")
        pipeline.run_sql("CREATE SCHEMA backup")
        for table in tables:
            pipeline.run_sql(f"CREATE TABLE backup.{table} AS SELECT * FROM public.{table}")
        return cls(pipeline.connection, pipeline.clock.now(), tables)

    def restore(self, pipeline: Pipeline) -> None:
        self.connection.execute("SET session_replication_role = replica")
        self.connection.execute(f"TRUNCATE {', '.join(self.tables)} CASCADE")
        for table in self.tables:
            columns = self._written(table)
            self.connection.execute(
                f"INSERT INTO public.{table} ({columns}) SELECT {columns} FROM backup.{table}"
            )
        self.connection.execute("RESET session_replication_role")
        pipeline.forget_catalog()

    def _written(self, table: str) -> str:
        """The columns that are not made of others."""
        (names,) = self.connection.execute(
            """SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
                WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
                  AND attgenerated = ''""",
            [table],
        ).fetchone()
        return str(names)


async def marked(pipeline: Pipeline, backup: Backup) -> tuple[int, int, int]:
    found = await mark(pipeline.runtime, Again(backup.at, pipeline.clock.now()))
    return found.rows, found.events, found.chunks


def recipients(pipeline: Pipeline) -> list[str]:
    return sorted(mail.recipient.partition("@")[0] for mail in pipeline.mail.kept)


async def mails(pipeline: Pipeline, **values: Any) -> None:
    await pipeline.topic("mail", channels=("email",), words="x", **values)
