"""What tests stand on: fresh databases on every server under test, and a browser.

    database_url         a migrated database of the test's own, dropped afterwards
    empty_database_url   the same, without tables
    postgres             the server they are on; `postgres.home` is None when it is not ours
    chromium             the path of a browser that runs

`--hypothesis-profile long` lets properties and simulated stories be tried for as long as it takes.

`TIDINGS_TEST_DATABASE_URLS` (separated by spaces) names further servers: every test that asks for a
database then runs on each. A test that kills its server is marked `kills_server` and skipped on
servers that are not ours.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from models.embedded import Server, ensure_running

hypothesis.settings.register_profile("long", max_examples=2000, deadline=None)

BUNDLED = "bundled"
ELSEWHERE = os.environ.get("TIDINGS_TEST_DATABASE_URLS", "").split()

BROWSER = Path(__file__).parent.parent / "setup" / "browser.py"

_NUMBERS = count(1)


@dataclass
class Postgres:
    """A server that makes databases for tests; `url` is one where it may say CREATE DATABASE."""

    url: str
    home: Path | None = None
    made: list[str] = field(default_factory=list)

    def create(self, template: str = "template0") -> str:
        """The URL of a new database, a copy of `template`."""
        name = f"tidings_test_{os.getpid()}_{next(_NUMBERS)}"
        # Copying files takes two thirds of the time of writing them to the WAL, as is the default.
        self._run(SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"), name, template)
        self.made.append(name)
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)
        self.made.remove(name)

    def is_citus(self) -> bool:
        """Whether the server is a Citus coordinator; its databases cannot be copied."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'")
            return found.fetchone() is not None

    def _run(self, statement: SQL, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.format(*map(Identifier, names)))


def name_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The session's own bundled server."""
    data_dir = tmp_path_factory.mktemp("bundled")
    server = ensure_running(data_dir)
    with psycopg.connect(server.url, autocommit=True) as connection:
        # Only a power cut would tell the difference, and every test makes and drops a database.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.stop()
    shutil.rmtree(data_dir)


@pytest.fixture(scope="session", params=[BUNDLED, *ELSEWHERE], ids=lambda url: name_of(url) or url)
def postgres(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """Each server under test in turn."""
    if request.param == BUNDLED:
        server: Server = request.getfixturevalue("bundled")
        yield Postgres(server.url, server.home.path)
        return
    elsewhere = Postgres(request.param)
    yield elsewhere
    for name in list(elsewhere.made):
        elsewhere.drop(name)


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str | None:
    """The name of a migrated database to copy; None where every test has to migrate its own."""
    if postgres.is_citus():
        return None
    return name_of(migrated(postgres.create()))


def migrated(url: str) -> str:
    from scheduler.commands.migrate import upgrade  # noqa: PLC0415 - not every test needs it

    upgrade(url)
    return url


@pytest.fixture
def empty_database_url(postgres: Postgres, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the test's own, without tables."""
    refuse_to_kill(postgres, request)
    url = postgres.create()
    if postgres.is_citus():
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION citus")
    yield url
    postgres.drop(name_of(url))


@pytest.fixture
def database_url(
    postgres: Postgres, template: str | None, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A migrated database of the test's own."""
    if template is None:
        yield migrated(request.getfixturevalue("empty_database_url"))
        return
    refuse_to_kill(postgres, request)
    url = postgres.create(template)
    yield url
    postgres.drop(name_of(url))


def refuse_to_kill(postgres: Postgres, request: pytest.FixtureRequest) -> None:
    if postgres.home is None and request.node.get_closest_marker("kills_server"):
        pytest.skip("kills its server, and this one is not ours")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A browser to drive; without one tests fail, unless `TIDINGS_NO_BROWSER=1` says to skip."""
    if os.environ.get("TIDINGS_NO_BROWSER") == "1":
        pytest.skip("TIDINGS_NO_BROWSER=1")
    command = [sys.executable, str(BROWSER), "--find"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.fail(f"{found.stderr.strip()} (`make test` installs one)")
    return Path(found.stdout.strip())
