"""Bringing a CSV file in: what came of it, and where the lines are that were refused."""

import csv
from collections.abc import Callable
from pathlib import Path

import typer

from models.database import SyncDatabase
from scheduler.commands.session import opened
from scheduler.commands.wrong_use import refuse

Take = Callable[[SyncDatabase, Path], tuple[int, int]]
"""Writes what can be written; how much that was, and how many lines went to the other file."""


def bring_in(file: Path, rejects: Path | None, take: Take, done: str) -> None:
    """Take a file's lines, and say how many were `done` and how many refused."""
    refused = rejects or file.with_suffix(".rejects.csv")
    try:
        with opened("import") as database:
            written, left = take(database, refused)
    except csv.Error as error:
        refuse(f"{file} is not CSV: {error}")
    typer.echo(f"{written} {done}.")
    if left:
        typer.echo(f"{left} lines refused: see {refused}", err=True)
