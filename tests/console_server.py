"""The console as a real process for tests."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

READY_WITHIN = 60.0
SECRET = "a secret of tests, not under 32 characters"


@contextmanager
def serving(url: str, directory: Path) -> Iterator[str]:
    """A console on a database, started from a directory that is not the repository.

    Yields:
        Its base URL.
    """
    port = _free_port()
    environment = {
        **os.environ,
        "TIDINGS_DATABASE_URL": url,
        "TIDINGS_SECRET_KEY": SECRET,
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    command = [sys.executable, "-m", "dashboard", "--port", str(port)]
    with (directory / "console.log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=directory, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _await(f"http://127.0.0.1:{port}", server, directory / "console.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _await(base: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(f"{base}/healthz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the console does not answer: {log.read_text()}")
