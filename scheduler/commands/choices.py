"""`tidings import preferences`: what recipients chose elsewhere, from a CSV file."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from delivery.consent.choices import Known, as_mute, fault_in
from delivery.reading import is_recipient_id
from delivery.registry import all_channels
from models.database import DataError, SyncDatabase
from models.queries import shards
from models.queries.console import consents
from models.queries.people.preferences import wish
from models.queries.routing import Shards
from models.records import Author, Choice, Via
from scheduler.commands.bringing import bring_in
from scheduler.commands.files import Rejects, Row, in_batches, reading
from scheduler.commands.operator import operator
from scheduler.commands.wrong_use import refuse
from scheduler.names import pseudonyms

_BATCH = 1000
"""Choices written in one transaction: their recipients are locked that long."""
_COLUMNS = ("recipient_id", "category", "channel", "allowed")
_WORDS = {"on": True, "off": False, "default": None}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file that was understood."""

    row: Row
    choice: Choice


@dataclass(frozen=True, slots=True)
class Target:
    """Where choices are written."""

    database: SyncDatabase
    shards: Shards


def preferences(
    file: Annotated[Path, typer.Argument(help="CSV, UTF-8, with a header.")],
    rejects: Annotated[Path | None, typer.Option(help="Where lines go that are refused.")] = None,
) -> None:
    """Write choices from FILE; the same file twice changes nothing.

    Columns: recipient_id, category, channel, allowed (on, off or default). Category * with off
    mutes the channel, channel * is every one. Later lines count over earlier ones.
    """
    bring_in(
        file,
        rejects,
        lambda database, left: import_choices(database, file, left),
        "preferences changed",
    )


def import_choices(database: SyncDatabase, file: Path, rejects: Path) -> tuple[int, int]:
    """Write every line of a file that can be written.

    Returns:
        Choices that changed, and lines that went to `rejects`.
    """
    changed = 0
    with database.begin() as tx:
        known = Known(tx.run(consents.known_categories()), all_channels())
        where = tx.follow(shards.learned())
    with reading(file) as reader:
        if set(reader.fieldnames or ()) != set(_COLUMNS):
            refuse(f"the first line must name these columns: {', '.join(_COLUMNS)}")
        with closing(Rejects(rejects, _COLUMNS)) as refused:
            for batch in in_batches(_lines(reader, known, refused), _BATCH):
                changed += _write(Target(database, where), batch, refused)
    return changed, refused.count


def _lines(reader: "csv.DictReader[str]", known: Known, refused: Rejects) -> Iterator[Line]:
    for row in reader:
        try:
            yield Line(row, _choice(row, known))
        except ValueError as error:
            refused.add(row, str(error))


def _choice(row: Row, known: Known) -> Choice:
    cells = [row.get(column) for column in _COLUMNS]
    if None in row or None in cells:
        raise ValueError("The line has not as many cells as the header.")
    recipient, category, channel, word = map(str, cells)
    if not is_recipient_id(recipient):
        raise ValueError("A recipient id is 1 to 200 bytes of UTF-8 without surrounding space.")
    if word not in _WORDS:
        raise ValueError("allowed is on, off or default.")
    choice = as_mute(Choice(recipient, category, channel, _WORDS[word]))
    if fault := fault_in(choice, known):
        raise ValueError(fault.message)
    return choice


def _write(target: Target, lines: Sequence[Line], refused: Rejects) -> int:
    """Write a batch; one the database refuses is halved until the culprit is alone."""
    author, now = Author(operator(), Via.IMPORT), target.database.now()
    choices = [line.choice for line in lines]
    try:
        with target.database.begin() as tx:
            return tx.follow(wish(choices, author, now, pseudonyms(), target.shards))
    except DataError as error:
        if len(lines) == 1:
            refused.add(lines[0].row, f"The database refused it: {error}")
            return 0
        middle = len(lines) // 2
        return _write(target, lines[:middle], refused) + _write(target, lines[middle:], refused)
