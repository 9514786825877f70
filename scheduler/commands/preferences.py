"""`tidings preferences`: what a recipient wants, and what their organisation wants for them."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery.consent.choices import Known, as_mute, fault_in, mute as muting, snooze as snoozing
from delivery.consent.wishes import Standing, merged
from delivery.reading import is_recipient_id
from delivery.registry import all_channels
from models.database import SyncDatabase, SyncTransaction
from models.queries.configuring import catalog
from models.queries.console import consents
from models.queries.people import categories
from models.queries.people.categories import OrgChoice
from models.queries.people.preferences import wake_snoozed, wish
from models.records import EVERY, Author, Choice, Via
from scheduler.commands.operator import operator
from scheduler.commands.session import Acting, acting, opened
from scheduler.names import pseudonyms

app = typer.Typer(help="What recipients want to be told.", no_args_is_help=True)


class Word(StrEnum):
    """What may be said of a category on a channel."""

    ON = "on"
    OFF = "off"
    DEFAULT = "default"

    @property
    def allowed(self) -> bool | None:
        """The same as a choice."""
        return None if self is Word.DEFAULT else self is Word.ON


Recipient = Annotated[str, typer.Argument(help="A recipient's id.")]
Category = Annotated[str, typer.Argument(help="A category of topics.")]
Channel = Annotated[str, typer.Argument(help="Key of a channel; * for every one.")]
OneChannel = Annotated[str, typer.Option("--channel", help="Only this channel; * for all.")]


@app.command()
def show(recipient: Recipient) -> None:
    """Show what counts for each category and channel, and whose word it is."""
    channels = sorted(all_channels())
    with acting("preferences") as act:
        facts = act.tx.follow(consents.what_counts(_checked(recipient)))
        lines = merged(facts, act.tx.run(catalog.topics()).values(), channels)
    table = Table("Category", *channels, box=None, pad_edge=False)
    for line in lines:
        said = [_said(line.standings.get(channel)) for channel in channels]
        table.add_row(line.category.key, *said)
    Console().print(table)
    if not facts.preferences.get((EVERY, EVERY), True):
        typer.echo("Everything is muted.")
    if facts.snoozed_until is not None and facts.snoozed_until > act.now:
        typer.echo(f"Snoozed until {facts.snoozed_until:%Y-%m-%d %H:%M} UTC.")


def _said(standing: Standing | None) -> str:
    if standing is None:
        return ""
    return f"{Word.ON if standing.allowed else Word.OFF} ({standing.origin})"


@app.command("set")
def set_(recipient: Recipient, category: Category, channel: Channel, word: Word) -> None:
    """Choose for a recipient; `default` takes their choice back."""
    _choose(Choice(_checked(recipient), category, channel, word.allowed))


@app.command()
def mute(recipient: Recipient, channel: OneChannel = EVERY) -> None:
    """Send a recipient nothing but what is critical or mandatory."""
    _choose(Choice(_checked(recipient), EVERY, channel, allowed=False))


@app.command()
def unmute(recipient: Recipient, channel: OneChannel = EVERY) -> None:
    """Take a mute back."""
    recipient = _checked(recipient)
    whole = muting(recipient, on=False)
    _choose(whole if channel == EVERY else Choice(recipient, EVERY, channel, None))


@app.command()
def snooze(
    recipient: Recipient,
    until: Annotated[str, typer.Argument(help="ISO 8601 with a zone; `off` ends a snooze.")],
) -> None:
    """Hold what interrupts a recipient until a moment."""
    ends = None if until == "off" else _moment(until)
    with opened("preferences") as database:
        _write(database, snoozing(_checked(recipient), ends, database.now()))


@app.command()
def history(
    recipient: Recipient, limit: Annotated[int, typer.Option(help="At most.", min=1)] = 50
) -> None:
    """Show who changed what, when and from where, the newest first."""
    with acting("preferences") as act:
        found = act.tx.run(consents.choice_changes(_checked(recipient), limit))
    table = Table("When", "Category", "Channel", "Now", "By", "From", box=None, pad_edge=False)
    for change in found:
        word = "default" if change.allowed is None else Word.ON if change.allowed else Word.OFF
        until = f" until {change.until:%Y-%m-%d %H:%M}" if change.until and word == "off" else ""
        when = f"{change.at:%Y-%m-%d %H:%M:%S}"
        said = (change.category, change.channel, f"{word}{until}", change.changed_by, change.via)
        table.add_row(when, *said)
    Console().print(table)


@app.command()
def org(
    organisation: Annotated[str, typer.Argument(help="As in the profiles of its people.")],
    category: Annotated[str, typer.Argument(help="A category of topics; * for every one.")],
    channel: Channel,
    word: Word,
) -> None:
    """Set what counts for an organisation's people until they choose themselves."""
    with acting("preferences") as act:
        _expect(act.tx, Choice("", category, channel, word.allowed))
        choice = OrgChoice(organisation, category, channel, word.allowed)
        if act.tx.run(categories.set_org_preference(choice, operator(), act.now)):
            place = f"{category} on {channel}"
            act.note("set an organisation's default", organisation, place=place, now=word)
    typer.echo(f"{organisation}: {category} on {channel} is {word}.")


def _choose(choice: Choice) -> None:
    with opened("preferences") as database:
        _write(database, choice)


def _write(database: SyncDatabase, choice: Choice) -> None:
    now, recipient = database.now(), choice.recipient_id
    with database.begin() as tx:
        _expect(tx, choice)
        changed = tx.follow(
            wish([as_mute(choice)], Author(operator(), Via.COMMAND), now, pseudonyms())
        )
        if changed:
            place = f"{choice.category} on {choice.channel}"
            note = Acting(tx, now).note
            note("changed a preference", recipient, place=place, allowed=choice.allowed)
    # Only after the commit: whoever decided before it has held by then what it held.
    with database.begin() as tx:
        tx.run(wake_snoozed(recipient, now))
    typer.echo("Changed." if changed else "It was like that already.")


def _expect(tx: SyncTransaction, choice: Choice) -> None:
    known = Known(tx.run(consents.known_categories()), all_channels())
    if fault := fault_in(choice, known):
        raise ValueError(fault.message)


def _checked(recipient: str) -> str:
    if not is_recipient_id(recipient):
        raise ValueError("a recipient id is 1 to 200 bytes of UTF-8 without surrounding space")
    return recipient


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no moment: write it like 2026-11-22T14:05:00Z") from None
    if found.tzinfo is None:
        raise ValueError(f"{text} names no time zone: add Z, or +01:00")
    return found.astimezone(UTC)
