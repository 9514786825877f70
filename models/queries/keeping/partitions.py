"""Day partitions of the history: made ahead, dropped by age."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from models.queries.routing import TOGETHER, Shards
from models.query import Query, count, sql

HISTORY = ("events", "deliveries", "attempts", "feedback")
"""Tables with one partition a UTC day."""

AHEAD = 7
"""Days for which partitions are made ahead."""

_FILL = {"deliveries": 80, "events": 90}
"""Room left in each page (per cent filled): their rows are updated once, in place."""


def partition(table: str, day: date) -> str:
    """The name of a table's partition for one day."""
    return f"{table}_{day:%Y%m%d}"


def days_from(today: date) -> list[date]:
    """Today and the days ahead that must have partitions."""
    return [today + timedelta(days=ahead) for ahead in range(AHEAD + 1)]


def existing_partitions() -> Query[set[str]]:
    """The names of all day partitions."""
    return sql(
        """
        SELECT c.relname FROM pg_inherits i
          JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
         WHERE p.relname = ANY(:history)
        """,
        lambda result: set(result.scalars()),
        history=list(HISTORY),
    )


def make_partition(table: str, day: date) -> list[Query[int]]:
    """Statements for one transaction: make a day's partition and attach it, unless it is there.

    It is made detached with a CHECK, so that attaching scans nothing and blocks nobody.
    """
    name, check = partition(table, day), f"{partition(table, day)}_day"
    fill = f" WITH (fillfactor = {_FILL[table]})" if table in _FILL else ""
    end = day + timedelta(days=1)
    within = f"day >= DATE '{day}' AND day < DATE '{end}'"
    return [
        sql("SELECT pg_advisory_xact_lock(hashtext(:name))", count, name=name),
        sql(
            f"""
            DO $$ BEGIN
              IF to_regclass('{name}') IS NULL THEN
                CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS){fill};
                ALTER TABLE {name} ADD CONSTRAINT {check} CHECK (day IS NOT NULL AND {within});
                ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{day}') TO ('{end}');
                ALTER TABLE {name} DROP CONSTRAINT {check};
              END IF;
            END $$
            """,
            count,
        ),
    ]


def missing(existing: set[str], days: Sequence[date]) -> list[tuple[str, date]]:
    """The tables and days that have no partition yet."""
    wanted = [(table, day) for table in HISTORY for day in days]
    return [(table, day) for table, day in wanted if partition(table, day) not in existing]


class Standing(StrEnum):
    """How far a day's table has gone."""

    ATTACHED = "attached"
    PENDING = "pending"
    """Detaching it was interrupted by somebody's long transaction; until that is finished no
    other day of the table can be detached."""
    DETACHED = "detached"


@dataclass(frozen=True, slots=True)
class Old:
    """A day's table that may go."""

    table: str
    day: date
    standing: Standing


def days_older_than(oldest: date) -> Query[list[Old]]:
    """Tables of days before `oldest`, attached or not; first those half gone."""
    return sql(
        """
        SELECT old.* FROM (
            SELECT substring(c.relname FROM '^(.*)_[0-9]{8}$') AS parent,
                   to_date(substring(c.relname FROM '_([0-9]{8})$'), 'YYYYMMDD') AS day,
                   CASE WHEN i.inhrelid IS NULL THEN 'detached'
                        WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END AS standing
              FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
             WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid)) old
         WHERE old.parent = ANY(:history) AND old.day < :oldest
         ORDER BY old.standing <> 'pending', old.day, old.parent
        """,
        lambda result: [Old(row.parent, row.day, Standing(row.standing)) for row in result],
        history=list(HISTORY),
        oldest=oldest,
    )


_DETACH = {Standing.ATTACHED: "CONCURRENTLY", Standing.PENDING: "FINALIZE"}


def drop(old: Old, shards: Shards = TOGETHER) -> list[Query[int]]:
    """Statements for autocommit: detach without blocking anybody, then drop.

    Citus knows no CONCURRENTLY; there `IMPATIENT` sees to it that nobody waits for long.
    """
    name = partition(old.table, old.day)
    gone = sql(f"DROP TABLE {name}", count)
    if old.standing is Standing.DETACHED:
        return [gone]
    how = _DETACH[old.standing] if shards.together else ""
    return [sql(f"ALTER TABLE {old.table} DETACH PARTITION {name} {how}", count), gone]


IMPATIENT = sql("SET lock_timeout = '200ms'", count)
"""Rather come again than keep others waiting. Of the connection, so `PATIENT` must follow."""
PATIENT = sql("RESET lock_timeout", count)
