"""`tidings audiences`: who campaigns and events go to: show, apply, count, explain, remove."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from delivery.audiences import (
    Answer,
    as_audience,
    as_toml,
    condition_of,
    fit,
    read,
    read_toml,
    sentence,
    users,
    why,
)
from delivery.audiences.lists import HEAD, entries, form_of
from delivery.audiences.sentences import phrase
from delivery.registry import all_channels
from delivery.sheets import guarded
from models.database import SyncTransaction
from models.queries.audiences import catalog, naming, person
from models.queries.audiences.bringing import Bringing, Brought, bring, new_list
from models.queries.audiences.catalog import Saving, Size
from models.queries.audiences.conditions import where
from models.queries.audiences.members import number, parts, roomy
from models.queries.audiences.removing import forgotten
from models.queries.campaigns.campaigns import audiences_in_use
from models.records.audiences import Audience, StoredAudience
from models.records.conditions import NotOf
from scheduler.commands.documents import named, read_files
from scheduler.commands.files import Rejects, text_of
from scheduler.commands.operator import operator
from scheduler.commands.session import Acting, acting
from scheduler.commands.wrong_use import refuse

app = typer.Typer(help="Who is told: saved audiences.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="A TOML file an audience.")]
Key = Annotated[str, typer.Argument(help="Key of an audience.")]
Note = Annotated[str, typer.Option(help="What changes and why; people read it.")]
Stored = Mapping[str, StoredAudience]


@app.command("list")
def list_() -> None:
    """Show all audiences, and how many belonged when they were last counted."""
    with acting("audiences") as reading:
        stored, sizes = reading.tx.run(catalog.audiences()), reading.tx.run(catalog.sizes())
    table = Table("Audience", "Title", "Version", "Members", "Who", box=None, pad_edge=False)
    for key, one in stored.items():
        size = f"{sizes[key].members:,}" if key in sizes else "not counted"
        table.add_row(key, one.title, str(one.version), size, sentence(as_audience(one)))
    Console().print(table)


@app.command()
def show(key: Key) -> None:
    """Print an audience's document: change it, and apply it."""
    with acting("audiences") as reading:
        one = _named(key, reading.tx.run(catalog.audiences()))
    typer.echo(as_toml(one.document), nl=False)


@app.command()
def check(files: Files) -> None:
    """Check files against each other and against what there is; nothing is changed."""
    with acting("audiences") as reading:
        found = _read(files, reading.tx)
    for _, audience in found:
        typer.echo(f"{audience.key}: {sentence(audience)}")


@app.command()
def apply(files: Files, note: Note = "") -> None:
    """Make audiences what these files say, all of them or none; within a second, everywhere."""
    with acting("audiences") as by:
        by.tx.run(catalog.lock())
        before = by.tx.run(catalog.audiences())
        told = [_apply(by, one, before.get(one[1].key), note) for one in _read(files, by.tx)]
    for line in told:
        typer.echo(line)


@app.command()
def count(key: Key) -> None:
    """Count who belongs now."""
    with acting("audiences") as by:
        condition = condition_of(key, by.tx.run(catalog.audiences()))
        who = where(condition, by.now)
        by.tx.run(roomy())
        members = sum(by.tx.run(number(who, part)) for part in parts())
        by.tx.run(catalog.note_size(key, Size(members, by.now)))
    typer.echo(f"{members:,} belong to {key}.")


@app.command()
def remove(key: Key) -> None:
    """Forget an audience that nothing uses, with its versions and lists; the audit keeps it."""
    with acting("audiences") as by:
        by.tx.run(catalog.lock())
        stored = by.tx.run(catalog.audiences())
        was = _named(key, stored)
        if used := users(stored, by.tx.run(audiences_in_use()))[key]:
            refuse(f"{', '.join(used)} uses it: change that first")
        by.tx.follow(forgotten(key, by.now))
        by.note("removed an audience", key, before=was.document)
    typer.echo(f"{key} is removed.")


@app.command("import")
def import_(
    key: Key,
    file: Annotated[Path, typer.Argument(help="CSV with a header.")],
    title: Annotated[str, typer.Option(help="Of a new list.")] = "",
    rejects: Annotated[Path | None, typer.Option(help="Where lines go that are refused.")] = None,
) -> None:
    """Make a list of whoever FILE names, in one step: until it is whole, the old one counts.

    It needs one column: recipient_id, or the name of a channel, like email, with addresses.
    Encoding (UTF-8, UTF-16, Windows-1252) and separator (comma, semicolon, tab, bar) are found out.
    """
    refused = rejects or file.with_suffix(".rejects.csv")
    with closing(Rejects(refused, ["line", "value"])) as kept:
        brought = import_file(key, file, title or key, kept)
    typer.echo(f"{brought.members:,} are on {key}, version {brought.version}.")
    if brought.doubled:
        typer.echo(f"{brought.doubled:,} lines say what an earlier one says: counted once.")
    if kept.count:
        typer.echo(f"{kept.count:,} lines are not taken as they are: see {refused}", err=True)


def import_file(key: str, file: Path, title: str, rejects: Rejects) -> Brought:
    """Bring a list in from a file; the same file twice is one version."""
    accepts = {name: channel.accepts for name, channel in all_channels().items()}
    with file.open("rb") as start:
        form = form_of(start.read(HEAD))
    typer.echo(f"{file.name} is {form}.", err=True)

    def refuse_line(line: int, value: str, reason: str) -> None:
        rejects.add({"line": str(line), "value": guarded(value)}, reason)

    with acting("audiences") as by, text_of(file, form.encoding) as text:
        channel, found = entries(
            text, form, accepts, lambda one: refuse_line(one.line, one.text, one.reason)
        )
        saving = new_list(key, title, file.name, operator(), by.now)
        read(saving.document)
        spell = accepts[channel] if channel else str
        lines = ((one.line, one.value) for one in found)
        brought = by.tx.follow(bring(Bringing(saving, channel, spell, refuse_line), lines))
        told = {"version": brought.version, "members": brought.members}
        by.note("brought a list in", key, file=file.name, refused=rejects.count, after=told)
    return brought


@app.command("why")
def why_(key: Key, recipient: Annotated[str, typer.Argument(help="Id of a recipient.")]) -> None:
    """Say why somebody is in an audience, or why not: each condition with what they have."""
    with acting("audiences") as reading:
        condition = condition_of(key, reading.tx.run(catalog.audiences()))
        portrait = reading.tx.follow(person.portrait(recipient, list(all_channels())))
    if portrait is None:
        refuse(f"there is no recipient {recipient}: so they are in no audience")
    answer = why(condition, portrait, reading.now)
    typer.echo(f"{recipient} is {'in' if answer.holds else 'not in'} {key}:")
    for line in _lines(answer, 0):
        typer.echo(line)


def _lines(answer: Answer, depth: int) -> Iterator[str]:
    mark = "✓" if answer.holds else "✗"
    seen = f" ({answer.seen})" if answer.seen else ""
    yield f"{'  ' * depth}{mark} {phrase(answer.condition)}{seen}"
    for part in answer.parts:
        if part.parts or not isinstance(answer.condition, NotOf):
            yield from _lines(part, depth + 1)


def _named(key: str, stored: Stored) -> StoredAudience:
    if key not in stored:
        refuse(f"there is no audience {key}: see `tidings audiences list`")
    return stored[key]


Found = tuple[dict[str, Any], Audience]


def _apply(by: Acting, found: Found, was: StoredAudience | None, note: str) -> str:
    document, read = found
    list_ = (was and was.list) or 0 if read.is_list else None
    saving = Saving(read.key, read.title, document, list_, note, operator(), by.now)
    version = by.tx.follow(catalog.save(saving, was))
    if was is not None and version == was.version:
        return f"{read.key} is like that already."
    did = "changed an audience" if was else "made an audience"
    by.note(did, read.key, version=version, before=was and was.document, after=document)
    return f"{read.key} is {'changed' if was else 'made'}: version {version}."


def _read(files: Sequence[Path], tx: SyncTransaction) -> list[Found]:
    """The audiences in these files; everything wrong with them is said at once."""
    stored = tx.run(catalog.audiences())
    known = tx.follow(naming.known(list(all_channels()), {*stored, *named(files)}))
    found = read_files(files, lambda text: read_toml(text, known), lambda one: one[1].key)
    fit({key: audience for key, (_, audience) in found.items()}, stored)
    return list(found.values())
