"""The ground all stand on: one bundled Postgres of the benchmark's own, fsync on."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from bench.population import plant
from models.embedded import ensure_running
from scheduler.commands.migrate import upgrade

_TEMPLATE = "bench_template"


@dataclass(frozen=True, slots=True)
class Ground:
    """A server and the databases made on it.

    Attributes:
        url: Where it may be told CREATE DATABASE.
        postmaster: Its pid; all its processes are children of that.
        folder: For files; gone afterwards.
        recipients: How many the template knows.
    """

    url: str
    postmaster: int
    folder: Path
    recipients: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def database(self, template: str = _TEMPLATE) -> Iterator[str]:
        """A database for one run: ours with topics and recipients, or from `template0` empty."""
        name = f"bench_{next(self._numbers)}"
        self._say(SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(Identifier, (name, template))))
        self._say(SQL("CHECKPOINT"))
        try:
            yield self._url_of(name)
        finally:
            self._say(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def prepare(self) -> None:
        """Make the database that runs get a copy of."""
        self._say(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(_TEMPLATE)))
        url = self._url_of(_TEMPLATE)
        upgrade(url)
        plant(url, self.recipients)

    def checkpoint(self) -> None:
        """Have everything on disk, so that a run does not pay for what was before it."""
        self._say(SQL("CHECKPOINT"))

    def _url_of(self, name: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def _say(self, statement: SQL | psycopg.sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def standing(recipients: int) -> Iterator[Ground]:
    """A server that runs as long as the block."""
    folder = Path(tempfile.mkdtemp(prefix="tidings-bench-"))
    server = ensure_running(folder)
    try:
        pid = int((server.home.data / "postmaster.pid").read_text().split()[0])
        ground = Ground(server.url, pid, folder, recipients)
        ground.prepare()
        yield ground
    finally:
        server.stop()
        shutil.rmtree(folder)
