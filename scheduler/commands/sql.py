"""`tidings sql`: psql on our database."""

import shutil
import signal
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from models import urls
from models.embedded import BundledPostgresError, find_binaries
from models.settings import DatabaseSettings


def sql(
    command: Annotated[
        str | None, typer.Option("-c", "--command", help="Run this and exit.")
    ] = None,
) -> None:
    """Talk SQL to the database of the settings."""
    psql, url = _psql(), urls.configured_url()
    arguments = [] if command is None else ["-c", command]
    # A child, not exec: the bundled server runs as long as this process uses it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C cancels a query inside psql
    ended = subprocess.run(  # noqa: S603 - the caller's own SQL on the caller's own database
        [psql, "-X", "-q", url, *arguments], check=False, restore_signals=True
    )
    raise typer.Exit(ended.returncode)


def _psql() -> str:
    """The psql beside the bundled server, or the machine's own."""
    try:
        beside = Path(find_binaries(DatabaseSettings().postgres_bin)) / "psql"
    except BundledPostgresError:
        beside = Path("psql")
    found = str(beside) if beside.is_file() else shutil.which("psql")
    if found is None:
        raise FileNotFoundError("no psql found: install your system's postgresql-client package")
    return found
