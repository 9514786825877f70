"""`tidings recipients`: what is kept about one person, and its end."""

import asyncio
import json
import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery.reading import is_recipient_id
from models import urls
from models.database import Database
from models.queries.erasing import erased, erasures
from models.queries.erasing.exports import EXPORTED, telling
from models.queries.shards import learned
from models.records import ErasureLine
from scheduler.commands.operator import operator
from scheduler.commands.session import Acting, opened
from scheduler.erasing.erase import Eraser
from scheduler.names import pseudonyms

app = typer.Typer(help="What is kept about one person.", no_args_is_help=True)

_PAUSE = 1.0
"""Seconds between two looks whether an erasure goes on."""

Recipient = Annotated[str, typer.Argument(metavar="ID", help="A recipient's id.")]
Reason = Annotated[str, typer.Option(help="Why, without naming the person: it is kept.")]


@app.command()
def erase(
    recipient: Recipient,
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002
    wait: Annotated[bool, typer.Option(help="Wait for its end; else workers do it.")] = True,  # noqa: FBT002
) -> None:
    """Erase everything that is kept about a person; it cannot be taken back."""
    checked(recipient)
    if not yes:
        typer.confirm(f"Erase {recipient}? It cannot be taken back.", abort=True)
    names = pseudonyms()
    with opened("recipients") as database:
        now = database.now()
        with database.begin() as tx:
            pseudonym, begins = tx.follow(erasures.ask(recipient, names, operator(), reason, now))
    typer.echo(f"{'It begins' if begins else 'It had begun'}: {pseudonym}", err=True)
    if wait:
        line = asyncio.run(_finish(urls.configured_url(), pseudonym, recipient))
        typer.echo(json.dumps(_value(line), indent=2))


async def _finish(url: str, pseudonym: str, recipient: str) -> ErasureLine:
    """Bring it on until it is done; workers may do some of its steps meanwhile."""
    database, names = Database.connect(url, "tidings recipients", 2), pseudonyms()
    try:
        async with database.begin() as tx:
            eraser = Eraser(database, names, await tx.follow(learned()))
        while True:
            while await eraser.advance(pseudonym):
                pass
            [line] = await database.run(erased.line(recipient, names))
            if line.finished_at is not None:
                return line
            await asyncio.sleep(_PAUSE)
    finally:
        await database.close()


@app.command()
def export(recipient: Recipient) -> None:
    """Write everything that is kept about a person to stdout, as one JSON document."""
    checked(recipient)
    with opened("recipients") as database:
        now = database.now()
        steps, answer = telling(recipient, now), None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration:
                break
            answer = None
            if isinstance(step, str):
                sys.stdout.write(step)
                continue
            with database.begin() as tx:
                answer = tx.run(step)
        with database.begin() as tx:
            name = pseudonyms().recipient(recipient)[0]
            Acting(tx, now).note(EXPORTED, name)


@app.command("erasures")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,  # noqa: FBT002
) -> None:
    """List erasures by their pseudonyms; keep the JSON beside your backups."""
    with opened("recipients") as database, database.begin() as tx:
        found = tx.run(erased.lines())
    if as_json:
        for line in found:
            typer.echo(json.dumps(_value(line)))
        return
    table = Table("Pseudonym", "Asked", "By", "Reason", "Done", box=None, pad_edge=False)
    for line in found:
        done = _minute(line.finished_at) if line.finished_at else f"{line.step}, {line.sweep} of 2"
        said = (line.pseudonym, _minute(line.requested_at), line.requested_by, line.reason)
        table.add_row(*said, f"{done}, returned" if line.returned_at else done)
    Console().print(table)


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _value(line: ErasureLine) -> dict[str, object]:
    return {
        "pseudonym": line.pseudonym,
        "requested_at": line.requested_at.isoformat(),
        "requested_by": line.requested_by,
        "reason": line.reason,
        "rows": dict(line.done),
        "finished_at": line.finished_at and line.finished_at.isoformat(),
        "returned_at": line.returned_at and line.returned_at.isoformat(),
    }


def checked(recipient: str) -> None:
    """Say no to what is no recipient's id.

    Raises:
        ValueError: It is none.
    """
    if not is_recipient_id(recipient):
        raise ValueError("a recipient id is 1 to 200 bytes of UTF-8 without surrounding space")
