"""Day partitions of the history: made ahead, dropped by age."""

from collections.abc import Sequence
from datetime import date, timedelta

from models.database import Query, count, sql

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


def days_older_than(existing: set[str], oldest: date) -> list[tuple[str, date]]:
    """Partitions whose day lies before `oldest`."""
    found = []
    for name in sorted(existing):
        table, _, digits = name.rpartition("_")
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        if day < oldest:
            found.append((table, day))
    return found


def drop_partition(table: str, day: date) -> list[Query[int]]:
    """Statements for autocommit: detach without blocking anybody, then drop."""
    name = partition(table, day)
    return [
        sql("SET lock_timeout = '200ms'", count),
        sql(f"ALTER TABLE {table} DETACH PARTITION {name} CONCURRENTLY", count),
        sql(f"DROP TABLE {name}", count),
        sql("RESET lock_timeout", count),
    ]
