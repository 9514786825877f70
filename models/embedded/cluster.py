"""The cluster's files under the data directory; a new one is made whole or not at all."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from models.embedded.binaries import Account, BundledPostgresError, Postgres, run

DATABASE = "tidings"
PORT = 5432
"""Part of the socket's name only: nothing listens on a network."""

_SOCKET_PATH_LIMIT = 103
"""Bytes of a socket's path that every Unix takes (108 with its NUL on Linux, 104 on macOS)."""
_BUILTIN_LOCALE_SINCE = 17

_TUNING = """
# Tidings. Change these here or with ALTER SYSTEM; they are written once.
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""


@dataclass(frozen=True, slots=True)
class Home:
    """Where one bundled server keeps everything: `<data dir>/postgres`."""

    path: Path

    @property
    def data(self) -> Path:
        """The cluster itself, which also holds the socket: 0700, so only its owner connects."""
        return self.path / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.path / "server.log"

    @property
    def users(self) -> Path:
        """Locked shared by everyone who uses the server, exclusively by who stops it."""
        return self.path / "users.lock"

    @property
    def running(self) -> Path:
        """Locked by whoever starts the server, then inherited by all of its processes."""
        return self.path / "running.lock"


def home_under(data_dir: Path) -> Home:
    """The home of the server of `data_dir`; made, closed to others, when it is not there yet.

    Raises:
        BundledPostgresError: It cannot be made or is another account's.
    """
    home = Home(data_dir.resolve() / "postgres")
    try:
        home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.path.chmod(0o700)
    except OSError as error:
        raise BundledPostgresError(f"cannot use {home.path}: {error.strerror}") from error
    return home


@contextmanager
def entrance(folder: Path, account: Account | None) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A path by which `account` reaches its own folder, and the descriptors it needs for that.

    An account that root gave way to may not be able to walk there (a project under /root).
    Through a descriptor that it inherits it always can, and nobody's folders are opened up.
    """
    if account is None:
        yield str(folder), ()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def socket_folder(home: Home) -> Path:
    """A path to the socket's folder that fits into a socket address and a connection string.

    A long one is reached over a symbolic link in the temporary directory.

    Raises:
        BundledPostgresError: Somebody else put something at the link's place.
    """
    name = f"tidings-{os.geteuid()}-{sha256(os.fsencode(home.data)).hexdigest()[:12]}"
    links = (Path(folder, name) for folder in (tempfile.gettempdir(), "/tmp"))  # noqa: S108
    folder = next(filter(_fits, (home.data, *links)), home.data)
    if folder != home.data:
        _link(folder, home.data)
    return folder


def _fits(folder: Path) -> bool:
    """Whether a socket in it can be named; lists of hosts and of folders have commas."""
    length = len(os.fsencode(folder / f".s.PGSQL.{PORT}"))
    return length <= _SOCKET_PATH_LIMIT and not set(str(folder)) & set(',"\\')


def _link(link: Path, target: Path) -> None:
    with suppress(FileExistsError):
        link.symlink_to(target)
    if link.lstat().st_uid != os.geteuid() or not link.is_symlink() or link.readlink() != target:
        raise BundledPostgresError(f"{link} is not our link to {target}: remove it")


def ensure_created(home: Home, postgres: Postgres, lock: int) -> None:
    """Make the cluster with its empty database, unless it is there.

    Args:
        home: Where.
        postgres: With what.
        lock: The held lock on `home.running`; the tools inherit it, so that after a kill
            nobody clears away what one of them still writes.

    Raises:
        BundledPostgresError: It could not be made; nothing is left of the attempt.
    """
    for leftover in home.path.glob("new-*"):
        shutil.rmtree(leftover)
    if home.data.exists():
        return
    new = Path(tempfile.mkdtemp(prefix="new-", dir=home.path))
    try:
        _create(new, postgres, lock)
        new.rename(home.data)
    except subprocess.CalledProcessError as error:
        said = [*error.stdout.splitlines(), *error.stderr.splitlines()]
        raise BundledPostgresError(f"cannot create a database: {_complaint(said)}") from error
    except OSError as error:
        raise BundledPostgresError(f"cannot create a database: {error}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _create(new: Path, postgres: Postgres, lock: int) -> None:
    account = postgres.account
    if account:
        os.chown(new, account.uid, account.gid)
    initdb, server = str(postgres.folder / "initdb"), str(postgres.folder / "postgres")
    options = ["-U", "postgres", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"]
    with entrance(new, account) as (data, descriptors):
        inherits = (*descriptors, lock)
        run([initdb, "-D", data, *options, *_locale(postgres)], account, descriptors=inherits)
        with (new / "postgresql.conf").open("a") as settings:
            settings.write(_TUNING)
        single = [server, "--single", "-D", data, "-c", "exit_on_error=on", "template1"]
        statement = f"CREATE DATABASE {DATABASE}\n"
        run(single, account, text=statement, descriptors=inherits)


def _locale(postgres: Postgres) -> list[str]:
    """Code-point order; where Postgres brings it, upper and lower case of every script."""
    if postgres.major < _BUILTIN_LOCALE_SINCE:
        return ["--no-locale"]
    return ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def _complaint(lines: list[str]) -> str:
    """The line that says what went wrong, of all that a tool printed."""
    wrong = [line for line in lines if "FATAL" in line or "error:" in line or "ERROR" in line]
    return (wrong or lines or ["no reason given"])[0]
