"""`tidings files`: the files that mails may carry."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery.files import made
from models.queries.configuring import files
from models.records import File
from scheduler.commands.session import acting

app = typer.Typer(help="Files that mails may carry.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="What topics, campaigns and events name it by.")]


@app.command()
def add(
    key: Key,
    path: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)],
    name: Annotated[str | None, typer.Option(help="As readers see it; else its own.")] = None,
    days: Annotated[int | None, typer.Option(help="Forget it after so many.", min=1)] = None,
) -> None:
    """Keep a file. It never changes: another one gets another key."""
    file = made(key, name or path.name, path.read_bytes())
    with acting("files") as act:
        if days is not None:
            file = replace(file, expires_at=act.now + timedelta(days=days))
        if act.tx.run(files.add(file, act.actor, act.now)):
            act.note("added a file", key, name=file.name, bytes=file.size)
        elif not same(act.tx.run(files.find(key)), file):
            raise ValueError(f"another file has the key {key}: give this one a key of its own")
    typer.echo(f"{key} is kept.")


def same(kept: File | None, wanted: File) -> bool:
    """Whether a file is there already, whenever it shall be forgotten."""
    return kept is not None and replace(kept, expires_at=None) == replace(wanted, expires_at=None)


@app.command("list")
def list_() -> None:
    """Show what is kept."""
    with acting("files") as act:
        kept = act.tx.run(files.listed())
    table = Table("File", "Name", "Type", "Bytes", "Until", box=None, pad_edge=False)
    for file in kept:
        until = "" if file.expires_at is None else f"{file.expires_at:%Y-%m-%d}"
        table.add_row(file.key, file.name, file.kind, str(file.size), until)
    Console().print(table)


@app.command()
def remove(key: Key) -> None:
    """Forget a file: mails that name it fail from a minute later on."""
    with acting("files") as act:
        if not act.tx.run(files.remove(key)):
            raise ValueError(f"there is no file {key}: see `tidings files list`")
        act.note("removed a file", key)
    typer.echo(f"{key} is forgotten.")
