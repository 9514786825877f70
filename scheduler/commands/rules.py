"""`tidings rules`: the installation-wide rules: show them, check a file, publish it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from delivery.approving.titles import WHOLE
from delivery.limits.caps import counters
from delivery.rulebook import read, sentence
from delivery.rulebook.writing import as_toml
from models.queries.configuring import rulebooks
from models.queries.configuring.published import Publication
from models.records import ApprovalKind, Ask, Rulebook
from scheduler.commands.approvals import go_past
from scheduler.commands.operator import operator
from scheduler.commands.rulebook_file import read_file
from scheduler.commands.session import acting

app = typer.Typer(help="Caps and quiet hours of the whole installation.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A rulebook: TOML, or JSON in a file named .json.")]
Note = Annotated[str, typer.Option(help="What changes and why; people read it.", prompt=True)]
Toml = Annotated[bool, typer.Option("--toml", help="As a document that can be edited.")]
Number = Annotated[int | None, typer.Option("--version", help="Another than the one in force.")]


@app.command()
def show(*, toml: Toml = False, version: Number = None) -> None:
    """Show the rules in force, a sentence each."""
    with acting("rules") as reading:
        before = None if version is None else version + 1
        found = reading.tx.run(rulebooks.newest(1, before))
    if not found or version not in {None, found[0].version}:
        typer.echo("No rules are published." if version is None else f"No version {version}.")
        return
    if toml:
        typer.echo(as_toml(found[0].document), nl=False)
        return
    stored = found[0]
    typer.echo(f"Version {stored.version}, {stored.published_at:%Y-%m-%d %H:%M} UTC,")
    typer.echo(f"by {stored.published_by}: {stored.note}")
    _tell(read(stored.document, stored.version))


@app.command()
def check(file: File) -> None:
    """Check a file and say its rules; nothing is published."""
    _tell(read(_document(file)))


@app.command()
def publish(file: File, note: Note) -> None:
    """Put the rules of a file in force, within a second, everywhere."""
    document = _document(file)
    with acting("rules") as by:
        needed = counters(read(document).caps)
        wanted = Publication(document, needed, note, operator(), by.now)
        version = by.tx.follow(rulebooks.put_in_force(wanted))
        if version is not None:
            go_past(by, Ask(ApprovalKind.RULES, WHOLE, document))
    if version is None:
        typer.echo("These rules are in force already.")
    else:
        typer.echo(f"Version {version} is in force within a second.")


def _tell(book: Rulebook) -> None:
    for rule in book.rules:
        typer.echo(f"{rule.key}: {sentence(rule)}")
    if not book.rules:
        typer.echo("It holds no rule.")


def _document(file: Path) -> dict[str, Any]:
    """The document in a file, checked."""
    return read_file(file, read)[0]
