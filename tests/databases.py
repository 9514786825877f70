"""Databases for tests: copies of a migrated one, emptied and used again where that is quicker.

A copy costs two checkpoints and 300 files. So what a test leaves is emptied and renamed, unless
the test changed more than rows (its `shape`) or wrote so much that a copy is quicker.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Composed, Identifier

_NUMBERS = count(1)
_MUCH = 4 << 20
"""Octets that a test may write before a new copy is quicker than to empty it."""

# Whatever a statement other than INSERT, UPDATE and DELETE leaves behind in the catalog.
_SHAPE = SQL(" UNION ALL ").join(
    SQL("SELECT {}, count(*), max(xmin::text::bigint) FROM {}").format(name, Identifier(name))
    for name in (
        "pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_proc",
        "pg_trigger", "pg_namespace", "pg_rewrite", "pg_statistic", "pg_extension", "pg_policy",
        "pg_type", "pg_default_acl", "pg_event_trigger",
    )
)  # fmt: skip
_SETTINGS = """
SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
 WHERE datname = current_database()
"""
_TABLES = """
SELECT c.relname FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""
_ALONE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
Shape = tuple[object, ...]
Seeds = Mapping[str, bytes]


def name_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


@dataclass(frozen=True, slots=True)
class Template:
    """A migrated database: its name, its size in octets and the rows that its tables begin with."""

    name: str
    size: int
    seeds: Seeds


@dataclass
class Postgres:
    """A server that makes databases for tests; `url` is one where it may say CREATE DATABASE."""

    url: str
    home: Path | None = None
    made: list[str] = field(default_factory=list)
    spare: list[tuple[str, Shape]] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)

    def create(self, template: str = "template0") -> str:
        """The URL of a new database, a copy of `template`."""
        name = self._new_name()
        # Copying files takes two thirds of the time of writing them to the WAL, as is the default.
        self._run(SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"), name, template)
        return self._url(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)
        self.made.remove(name)

    def lend(self, template: Template) -> str:
        """The URL of a database that is as `template` is; `take_back` it."""
        if not self.spare:
            url = self.create(template.name)
            self.shapes[name_of(url)] = _shape(url)
            return url
        old, shape = self.spare.pop()
        name = self._new_name()
        # What anybody keeps by its address, a cache or a pool, must not be found by the next test.
        self._run(SQL("ALTER DATABASE {} RENAME TO {}"), old, name)
        self.made.remove(old)
        self.shapes[name] = shape
        return self._url(name)

    def take_back(self, url: str, template: Template) -> None:
        """Empty a database for the next test, or drop it."""
        name = name_of(url)
        shape = self.shapes.pop(name)
        if _emptied(url, template, shape):
            self.spare.append((name, shape))
        else:
            self.drop(name)

    def is_citus(self) -> bool:
        """Whether the server is a Citus coordinator; its databases cannot be copied."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'")
            return found.fetchone() is not None

    def _new_name(self) -> str:
        name = f"tidings_test_{os.getpid()}_{next(_NUMBERS)}"
        self.made.append(name)
        return name

    def _url(self, name: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def _run(self, statement: SQL, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.format(*map(Identifier, names)))


def read(url: str) -> Template:
    """What copies of the database at `url` are brought back to."""
    with psycopg.connect(url) as connection:
        tables = [name for (name,) in connection.execute(_TABLES)]
        seeds = {name: _rows(connection, name) for name in tables}
        size = _size(connection)
    return Template(name_of(url), size, {name: rows for name, rows in seeds.items() if rows})


def _rows(connection: psycopg.Connection, table: str) -> bytes:
    statement = SQL("COPY (SELECT * FROM {}) TO STDOUT").format(Identifier(table))
    with connection.cursor().copy(statement) as copy:
        return b"".join(map(bytes, copy))


def _size(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])


def _shape(url: str) -> Shape:
    with psycopg.connect(url) as connection:
        return _shape_of(connection)


def _shape_of(connection: psycopg.Connection) -> Shape:
    return (*connection.execute(_SHAPE), connection.execute(_SETTINGS).fetchone())


def _emptied(url: str, template: Template, shape: Shape) -> bool:
    """Whether the database is again as the template is."""
    with psycopg.connect(url) as connection:
        connection.execute(_ALONE)
        if _shape_of(connection) != shape or _size(connection) > template.size + _MUCH:
            return False
        connection.execute("SET session_replication_role = replica")
        connection.execute(_deletes(connection))
        for table, rows in template.seeds.items():
            statement = SQL("COPY {} FROM STDIN").format(Identifier(table))
            with connection.cursor().copy(statement) as copy:
                copy.write(rows)
    return True


def _deletes(connection: psycopg.Connection) -> Composed:
    """One statement that empties every table."""
    tables = [Identifier(name) for (name,) in connection.execute(_TABLES)]
    return SQL("; ").join(SQL("DELETE FROM {}").format(table) for table in tables)
