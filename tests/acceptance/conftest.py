"""An installation of its own for each test: real processes against a real database.

installation   a migrated database, ports, a data folder; `start` runs `tidings …` in it
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from models.database import SyncDatabase
from scheduler.samples import plant

ROOT = Path(__file__).parent.parent.parent
SECRET = "a secret key that only this test knows"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Ask ten times a second until it is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        time.sleep(0.1)


def answer(url: str) -> httpx.Response | None:
    try:
        return httpx.get(url, timeout=5)
    except httpx.HTTPError:
        return None


@dataclass
class Installation:
    """One installation of Tidings; its processes end with the test."""

    url: str
    folder: Path
    smtp_port: int = field(default_factory=free_port)
    mailbox_port: int = field(default_factory=free_port)
    api_port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if "TIDINGS_" not in name}
        return {
            **ours,
            "PYTHONPATH": str(ROOT),
            "TIDINGS_DATABASE_URL": self.url,
            "TIDINGS_DATA_DIR": str(self.folder),
            "TIDINGS_SECRET_KEY": SECRET,
            "TIDINGS_MAILBOX_SMTP_PORT": str(self.smtp_port),
            "TIDINGS_API_PORT": str(self.api_port),
            **self.settings,
        }

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Run `tidings …` beside the test."""
        # In a folder of its own: a developer's .env must not reach it.
        process = subprocess.Popen(
            [sys.executable, "-m", "scheduler", *arguments],
            cwd=self.folder,
            env=self.environment(),
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def run(self, *arguments: str) -> str:
        """Run `tidings …` to its end; what it wrote to stdout."""
        return self._ended(arguments).stdout

    def complain(self, *arguments: str) -> str:
        """Run `tidings …` to its end; what it wrote to stderr."""
        return self._ended(arguments).stderr

    def _ended(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "scheduler", *arguments],
            cwd=self.folder,
            env=self.environment(),
            timeout=120,
            capture_output=True,
            text=True,
            check=True,
        )

    def start_mailbox(self) -> None:
        ports = ["--smtp-port", str(self.smtp_port), "--http-port", str(self.mailbox_port)]
        self.start("mailbox", *ports, "--directory", str(self.folder / "mailbox"))
        wait_until(lambda: self.mail_count() is not None, 60, "the mailbox answers")

    def start_workers(self, processes: int) -> subprocess.Popen[bytes]:
        workers = self.start("work", "--processes", str(processes))
        wait_until(lambda: len(self.worker_pids()) == processes, 120, "the workers report")
        return workers

    def start_api(self) -> str:
        """Serve HTTP; its base URL."""
        self.start("api")
        url = f"http://127.0.0.1:{self.api_port}"
        wait_until(lambda: answer(f"{url}/healthz"), 60, "the API answers")
        return url

    def plant_samples(self) -> None:
        """Sample topics and templates, and anna and bo: as `tidings up` does on its first start."""
        database = SyncDatabase.connect(self.url)
        try:
            plant(database, people=True)
        finally:
            database.close()

    def worker_pids(self) -> list[int]:
        return [pid for (pid,) in self.query("SELECT pid FROM workers ORDER BY process")]

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, values).fetchall()

    def execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement, values)

    def waiting(self) -> tuple[int, int]:
        """Rows of the outbox and of the queue."""
        [found] = self.query("SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM queue)")
        return found

    def wait_until_drained(self, seconds: float) -> None:
        wait_until(lambda: self.waiting() == (0, 0), seconds, "outbox and queue are empty")

    def mail_count(self) -> int | None:
        found = answer(f"http://127.0.0.1:{self.mailbox_port}/count")
        return None if found is None else int(found.json()["count"])

    def mails(self) -> Iterator[tuple[str, str]]:
        """Envelope recipient and Message-ID of every mail that came, read from the disk."""
        for index in sorted((self.folder / "mailbox").glob("*.index")):
            mail = index.with_suffix(".mail").read_bytes()
            for line in index.read_text().splitlines():
                _, _, _, recipients, _, size, _, offset = json.loads(line)
                [recipient] = recipients
                yield recipient, message_id(mail[offset : offset + size])

    def stop(self) -> None:
        for process in reversed(self.running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def message_id(mail: bytes) -> str:
    head = mail.split(b"\r\n\r\n", 1)[0].lower().split(b"\r\n")
    [found] = [line for line in head if line.startswith(b"message-id:")]
    return found.partition(b":")[2].strip().strip(b"<>").decode()


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(database_url, tmp_path)
    yield made
    made.stop()
