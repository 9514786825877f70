"""The real worker, started as an operator would: `tidings work` on a database of one run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.cpu import Meter
from bench.distance import farther
from bench.ground import Ground

_POLL = 0.1
_LIMIT = 600.0
_REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Setting:
    """How a worker runs.

    Attributes:
        smtp_port: Where its mail goes; 0: nowhere.
        processes: How many of them.
        away: Seconds added to each round trip to the database.
        more: Further environment variables.
    """

    smtp_port: int = 0
    processes: int = 1
    away: float = 0
    more: Mapping[str, str] | None = None

    def environment(self, url: str) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name[:8] != "TIDINGS_"},
            "PYTHONPATH": str(_REPOSITORY),
            "TIDINGS_DATABASE_URL": url,
            "TIDINGS_SECRET_KEY": "bench" * 8,
            "TIDINGS_ENVIRONMENT": "production",
            "TIDINGS_SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}?tls=none",
            "TIDINGS_MAIL_FROM": "Shop & Co <news@shop.example.com>",
            "TIDINGS_LOG_FORMAT": "json",
            **(self.more or {}),
        }


@dataclass(frozen=True, slots=True)
class Worker:
    """A running worker and a connection to watch it by."""

    process: int
    watcher: psycopg.Connection

    def await_empty(self, table: str) -> None:
        """Wait until it has left nothing in a table."""
        end = time.monotonic() + _LIMIT
        while self.count(f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1) one"):
            _pause(end, f"{table} is not empty")

    def await_started(self, processes: int) -> None:
        """Wait until all its processes have a heartbeat."""
        end = time.monotonic() + _LIMIT
        while self.count("SELECT count(*) FROM workers") < processes:
            _pause(end, "the worker does not start")
        time.sleep(0.3)

    def count(self, statement: str) -> int:
        """What a statement of ours counts."""
        row = self.watcher.execute(statement).fetchone()  # type: ignore[call-overload] # built
        assert row
        number: int = row[0]
        return number


def _pause(end: float, complaint: str) -> None:
    if time.monotonic() > end:
        raise SystemExit(f"bench: {complaint} after {_LIMIT:g} s")
    time.sleep(_POLL)


@contextmanager
def working(ground: Ground, url: str, setting: Setting) -> Iterator[Worker]:
    """A worker that has started and found nothing to do yet; stopped with SIGTERM."""
    command = [sys.executable, "-m", "scheduler", "work", "--processes", str(setting.processes)]
    with (
        (ground.folder / "worker.log").open("ab") as log,
        farther(url, setting.away) as theirs,
        subprocess.Popen(
            command, cwd=ground.folder, env=setting.environment(theirs), stdout=log, stderr=log
        ) as process,
        psycopg.connect(url, autocommit=True) as watcher,
    ):
        try:
            worker = Worker(process.pid, watcher)
            worker.await_started(setting.processes)
            yield worker
        finally:
            process.send_signal(signal.SIGTERM)


def meter(ground: Ground, worker: Worker) -> Meter:
    """Measures what a worker and Postgres do in a block."""
    return Meter(worker.process, ground.postmaster)
