"""`tidings suppressions`: addresses nothing is sent to; list, add, lift, import and export them."""

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery.consent.lifting import LOOKS_BACK, sentence
from delivery.consent.suppressing import checked_reason, place_of, spellings
from delivery.registry import all_channels
from models.database import SyncDatabase
from models.queries.console import consents
from models.queries.console.suppressed import lifting
from models.queries.folding.suppressions import clear_copies, copies, lift as lifted, suppress
from models.readings.suppressions import SuppressionLine
from models.records import EVERY, Place, Suppression
from scheduler.commands.operator import operator
from scheduler.commands.session import Acting, opened
from scheduler.commands.suppressing import export, suppressions
from scheduler.names import pseudonyms

app = typer.Typer(help="Addresses nothing is sent to.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="As it is written to.")]
Channel = Annotated[str, typer.Option(help="Key of a channel; * for every one.")]
Category = Annotated[str, typer.Option(help="Only news of this category; * for all.")]
Reason = Annotated[str, typer.Option(help="Why; people read it.", prompt=True)]


@app.command("list")
def list_(
    address: Annotated[str | None, typer.Argument(help="Only this address.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest first.", min=1)] = 50,
) -> None:
    """Show suppressions with their scope, who said so and until when."""
    with opened("suppressions") as database:
        now = database.now()
        with database.begin() as tx:
            found = tx.run(
                consents.newest_suppressions(limit)
                if address is None
                else consents.suppressions_on(spellings(address, all_channels(), pseudonyms()))
            )
    if not found:
        typer.echo("Nothing is suppressed." if address is None else f"{address} is not suppressed.")
        return
    table = Table("Address", "Scope", "Reason", "By", "Since", "Until", box=None, pad_edge=False)
    for line in found:
        over = line.expires_at is not None and line.expires_at <= now
        until = f"{line.expires_at:%Y-%m-%d %H:%M}" if line.expires_at else "lifted"
        since = f"{line.created_at:%Y-%m-%d %H:%M}"
        said = (line.address, _scope(line), line.reason, line.source, since)
        table.add_row(*said, f"{until} (over)" if over else until)
    Console().print(table)


def _scope(line: SuppressionLine) -> str:
    where = "every channel" if line.channel == EVERY else line.channel
    return where if line.category == EVERY else f"{where}, {line.category}"


@app.command()
def add(
    address: Address,
    reason: Reason,
    channel: Channel = "email",
    category: Category = EVERY,
    days: Annotated[int | None, typer.Option(help="Ends after so many days.", min=1)] = None,
) -> None:
    """Send nothing to an address any more; the longer of two suppressions stays."""
    place, why = place_of(address, channel, category, all_channels()), checked_reason(reason)
    by = operator()
    with opened("suppressions") as database:
        now = database.now()
        ends = None if days is None else now + timedelta(days=days)
        said = Suppression(place.channel, place.address, why, by, ends, place.category)
        with database.begin() as tx:
            changed = tx.follow(suppress(said, now))
            if changed:
                until = ends and ends.isoformat()
                Acting(tx, now).note("suppressed an address", _named(place), why=why, until=until)
        # Only after the commit: see models/queries/folding/suppressions.py.
        for statement in copies(said):
            with database.begin() as tx:
                tx.run(statement)
    what = "is suppressed" if changed else "was suppressed for as long already"
    typer.echo(f"{_named(place)} {what}.")


@app.command()
def lift(
    address: Address,
    reason: Reason,
    channel: Channel = "email",
    category: Category = EVERY,
    dry_run: Annotated[bool, typer.Option(help="Only say what it would do.")] = False,  # noqa: FBT002
) -> None:
    """Send to an address again. What was skipped meanwhile is not sent by that."""
    place, why = place_of(address, channel, category, all_channels()), checked_reason(reason)
    with opened("suppressions") as database:
        now = database.now()
        with database.begin() as tx:
            would = tx.follow(lifting([place], now, now - LOOKS_BACK))
        typer.echo(sentence(would))
        if not dry_run:
            _lift(database, place, why, now)


def _lift(database: SyncDatabase, place: Place, why: str, now: datetime) -> None:
    known_as = pseudonyms().address(place.address)
    with database.begin() as tx:
        found = tx.follow(lifted(place, operator(), why, now, known_as=known_as))
        if found:
            Acting(tx, now).note("lifted a suppression", _named(place), why=why)
    # Also when nothing was found: a crash may have left the copies of one that was lifted.
    with database.begin() as tx:
        tx.run(clear_copies(place))
    if not found:
        raise ValueError(f"{_named(place)} is not suppressed: see `tidings suppressions list`")
    typer.echo(f"{_named(place)} may be written to again.")


def _named(place: Place) -> str:
    of = "" if place.category == EVERY else f" for {place.category}"
    return f"{place.address} ({'every channel' if place.channel == EVERY else place.channel}){of}"


app.command("import")(suppressions)
app.command("export")(export)
