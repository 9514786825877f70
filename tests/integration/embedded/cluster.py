"""Folders where bundled servers are started, used and killed."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from models.embedded import find_binaries, keeper

ROOT = Path(__file__).parents[3]


USE = """
import sys
from pathlib import Path
from models.embedded import BundledPostgresError, ensure_running
try:
    server = ensure_running(Path(sys.argv[1]))
except BundledPostgresError as error:
    sys.exit(f"error: {error}")
try:
    print(server.url, flush=True)
    sys.stdin.read()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.stdin.read()
"""


@dataclass
class User:
    """A process that asked for the server and uses it until `leave` or a signal."""

    process: subprocess.Popen[str]

    def url(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        assert line, self.process.communicate()[1]
        return line

    def leave(self) -> str:
        """What it said on stderr, in the end."""
        return self.process.communicate("")[1]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@dataclass
class Ground:
    """A data directory and who may use it."""

    data_dir: Path
    python: str
    account: pwd.struct_passwd | None = None
    users: ExitStack = field(default_factory=ExitStack)

    @property
    def cluster(self) -> Path:
        return self.data_dir.resolve() / "postgres" / "data"

    def popen(self, command: list[str], setup: Callable[[], object] | None = None) -> User:
        user, group = (self.account.pw_uid, self.account.pw_gid) if self.account else (None, None)
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT), *sys.path[1:]])),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=[] if self.account else None,
            preexec_fn=setup,  # noqa: PLW1509 - there are no threads
        )
        self.users.callback(User(process).kill)
        return User(process)

    def use(self, setup: Callable[[], object] | None = None) -> User:
        return self.popen([self.python, "-c", USE, str(self.data_dir)], setup)

    def query(self, url: str, statement: str) -> object:
        """The first value of what psql, run by the same account, prints."""
        user = self.popen([str(find_binaries() / "psql"), url, "-XAtc", statement])
        out, err = user.process.communicate()
        assert user.process.returncode == 0, err
        return out.strip()

    def postmaster(self) -> int:
        return int((self.cluster / "postmaster.pid").read_text().split()[0])

    def is_down(self) -> bool:
        return not keeper._processes(self.cluster)


@contextmanager
def used(found: Ground) -> Iterator[Ground]:
    """A ground whose users are killed and whose files are removed in the end."""
    place = found.data_dir.resolve()
    with found.users:
        yield found
    wait_until(found.is_down)
    shutil.rmtree(place)
    for link in Path(tempfile.gettempdir()).glob("tidings-*"):
        if link.is_symlink() and link.readlink().is_relative_to(place):
            link.unlink()


def ground_of_nobody() -> Ground:
    account = pwd.getpwnam("nobody")
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        home = Path(tempfile.mkdtemp(prefix="tidings-test-"))
        os.chown(home, account.pw_uid, account.pw_gid)
        ground = Ground(home, python, account)
        with suppress(OSError):
            if not ground.popen([python, "-c", "import psycopg, models.embedded"]).leave():
                return ground
        home.rmdir()
    return pytest.skip("no Python here that the user nobody can run")


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)


def busy_query(ground: Ground, url: str) -> User:
    """A backend that computes for ever and so never notices that its postmaster died."""
    endless = "SELECT count(*) FROM generate_series(1, 1e15)"
    user = ground.popen([str(find_binaries() / "psql"), url, "-XAtc", endless])
    wait_until(
        lambda: (
            ground.query(url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%1e15)'")
            == "1"
        )
    )
    return user


def keeper_of(ground: Ground) -> int:
    """The pid of the postmaster's parent."""
    status = Path(f"/proc/{ground.postmaster()}/stat").read_text()
    return int(status.rsplit(")", 1)[1].split()[1])
