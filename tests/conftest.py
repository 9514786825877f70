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

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
import structlog

from models.embedded import Server, ensure_running
from tests.databases import Postgres, Template, name_of, read

# How long it takes to make up an example tells of the machine, not of the code.
_UNHURRIED = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("usual", deadline=None, suppress_health_check=_UNHURRIED)
hypothesis.settings.load_profile("usual")
hypothesis.settings.register_profile(
    "long", max_examples=2000, deadline=None, suppress_health_check=_UNHURRIED
)

BUNDLED = "bundled"
ELSEWHERE = os.environ.get("TIDINGS_TEST_DATABASE_URLS", "").split()

BROWSER = Path(__file__).parent.parent / "setup" / "browser.py"


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The session's own bundled server."""
    data_dir = tmp_path_factory.mktemp("bundled")
    server = ensure_running(data_dir)
    with psycopg.connect(server.url, autocommit=True) as connection:
        # Only a power cut would tell the difference, and every test makes and drops a database.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
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
def template(postgres: Postgres) -> Template | None:
    """A migrated database to copy; None where every test has to migrate its own."""
    return None if postgres.is_citus() else read(migrated(postgres.create()))


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
    postgres: Postgres, template: Template | None, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A migrated database of the test's own."""
    if template is None:
        yield migrated(request.getfixturevalue("empty_database_url"))
        return
    refuse_to_kill(postgres, request)
    url = postgres.lend(template)
    yield url
    postgres.take_back(url, template)


def refuse_to_kill(postgres: Postgres, request: pytest.FixtureRequest) -> None:
    if postgres.home is None and request.node.get_closest_marker("kills_server"):
        pytest.skip("kills its server, and this one is not ours")


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """Commands that run in the test's process send logs to a stream that ends with them."""
    handlers = logging.root.handlers.copy()
    yield
    structlog.reset_defaults()
    logging.root.handlers = handlers


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
