"""The process that owns a Postgres: starts it, starts it again, stops it when nobody uses it.

Run as a script of its own, detached, with the standard library only (it is up in 20 ms). Its
main thread is Postgres's parent and lives exactly as long: should even the keeper be killed,
the kernel asks Postgres to shut down cleanly (PR_SET_PDEATHSIG, prctl(2)).
"""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

READY = "ready"
"""Printed once the server takes connections; anything else is what went wrong."""

_PR_SET_PDEATHSIG = 1
_START_LIMIT = 300.0
"""Seconds; after a crash the log of up to `max_wal_size` is replayed first."""
_STOP_LIMIT = 30.0
"""Seconds a shutdown with a checkpoint may take before one without is asked for."""
_ORPHANS_LIMIT = 5.0
_PAUSE = 5.0
"""Seconds before a server that ran once and does not start again is tried again."""
_POLL = 0.01
_STATUS_LINE = 7
"""Of postmaster.pid, counted from 0: `starting`, `ready` or `stopping` (see pg_ctl)."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to run and how; crosses to the keeper as JSON.

    Attributes:
        command: The server's command line.
        environment: All of its environment.
        data: The cluster; every server makes it its working directory.
        log: The file that takes what it says.
        users: The lock that its users hold shared.
        descriptors: What all its processes inherit: the lock that says they live, and the
            cluster's folder where they could not walk there.
        uid: Whom to run it as, with `gid`; None: as ourselves.
    """

    command: list[str]
    environment: dict[str, str]
    data: str
    log: str
    users: str
    descriptors: list[int]
    uid: int | None = None
    gid: int | None = None


class Keeper:
    """One Postgres from its start until nobody uses it."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._data = Path(order.data)
        self._leaving = False
        self._server: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Run the server until nobody uses it; return at once when it does not start.

        Once it ran, it is tried again for as long as it has users: disks are emptied.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._leave())
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        ran = self._run()
        while ran and not self._leaving:
            if not self._run():
                self._rest()

    def watch_users(self) -> None:
        """Stop the server once nobody holds the users' lock; hold it until all is down.

        Whoever comes meanwhile waits for the lock, and then starts a new server.
        """
        users = os.open(self._order.users, os.O_RDWR)
        fcntl.flock(users, fcntl.LOCK_EX)
        self._leave()
        time.sleep(_STOP_LIMIT)
        if self._server:
            self._server.send_signal(signal.SIGQUIT)

    def _run(self) -> bool:
        """Whether the server started; then it has ended again."""
        said = Path(self._order.log).stat().st_size
        self._server = self._start()
        if not self._is_ready(self._server):
            _answer(self._complaint(said))
            return False
        _answer(READY)
        if self._server.wait() == 0:
            self._leaving = True  # somebody stopped it on purpose
        return True

    def _rest(self) -> None:
        end = time.monotonic() + _PAUSE
        while time.monotonic() < end and not self._leaving:
            time.sleep(_POLL)

    def _leave(self) -> None:
        self._leaving = True
        if self._server:
            self._server.send_signal(signal.SIGINT)

    def _start(self) -> subprocess.Popen[bytes]:
        clear_remains(self._data)
        order = self._order
        with Path(order.log).open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own command line
                order.command,
                cwd="/",
                env=order.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                umask=0o077,
                user=order.uid,
                group=order.gid,
                extra_groups=None if order.uid is None else [],
                pass_fds=order.descriptors,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - the other thread only waits
            )

    def _is_ready(self, server: subprocess.Popen[bytes]) -> bool:
        end = time.monotonic() + _START_LIMIT
        while server.poll() is None and time.monotonic() < end:
            if self._leaving:  # it may have been set before there was a server
                server.send_signal(signal.SIGINT)
            if _status(self._data, server.pid) == "ready":
                return True
            time.sleep(_POLL)
        return False

    def _complaint(self, said: int) -> str:
        with Path(self._order.log).open("rb") as log:
            log.seek(said)
            lines = log.read().decode(errors="replace").splitlines()
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
        return (fatal or lines or ["it ended without a word"])[-1]


def clear_remains(data: Path) -> None:
    """Remove what a killed server left: its lost children and the files that name its pid.

    Postgres itself would believe any living process that has its old number. Only for who
    holds the lock on the running server, which says that none is starting.
    """
    end = time.monotonic() + _ORPHANS_LIMIT
    while kill_orphans(data) and time.monotonic() < end:
        time.sleep(_POLL)
    if not _processes(data):
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (data / name).unlink(missing_ok=True)


def kill_orphans(data: Path) -> bool:
    """Kill the children of a killed server; whether there were any."""
    lost = _orphans(data)
    for orphan in lost:
        with suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGKILL)
    return bool(lost)


def _orphans(data: Path) -> list[int]:
    """The cluster's processes when their postmaster is dead; a long query does not notice."""
    lines, alive = _pid_file(data), _processes(data)
    return alive if lines and lines[0] not in map(str, alive) else []


def _processes(data: Path) -> list[int]:
    """Every process of the server on this cluster: it is their working directory."""
    found = []
    for cwd in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):  # ended meanwhile, or not ours to look at
            named = (cwd.parent / "comm").read_text().strip() == "postgres"
            if named and cwd.readlink() == data:
                found.append(int(cwd.parent.name))
    return found


def _status(data: Path, pid: int) -> str:
    """What the server with this pid says of itself; empty before it says anything."""
    lines = _pid_file(data)
    named = len(lines) > _STATUS_LINE and lines[0] == str(pid)
    return lines[_STATUS_LINE].strip() if named else ""


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


_LIBC = ctypes.CDLL(None)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _answer(line: str) -> None:
    """Tell who waits for us; when it is gone, there is nobody to tell."""
    with suppress(OSError, ValueError):
        sys.stdout.write(line + "\n")
        sys.stdout.close()


def main() -> None:
    """Detach from whoever started us and keep the server that was ordered."""
    if os.fork():
        os._exit(0)
    keeper = Keeper(Order(**json.loads(sys.argv[1])))
    threading.Thread(target=keeper.watch_users, daemon=True).start()
    keeper.keep()


if __name__ == "__main__":
    main()
