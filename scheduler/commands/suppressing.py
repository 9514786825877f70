"""`tidings suppressions import` and `export`: addresses nothing is sent to, as CSV files."""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from delivery.consent.suppressing import (
    EXPORTED,
    Inlet,
    check_header,
    exported,
    merged,
    read_line,
)
from delivery.registry import all_channels
from models.database import SyncDatabase
from models.queries import shards
from models.queries.console.suppressed import SuppressionsWanted, following, suppressions as listed
from models.queries.folding.reconciling import copy_to_all
from models.queries.folding.suppressions import suppress_all
from models.queries.routing import Shards
from models.records import Suppression
from scheduler.commands.bringing import bring_in
from scheduler.commands.files import Rejects, in_batches, reading
from scheduler.commands.operator import operator
from scheduler.commands.session import Acting, opened
from scheduler.commands.wrong_use import refuse

AT_ONCE = 1000
"""Lines written in one transaction, and read at once."""


class Writer(Protocol):
    """What `csv.writer` makes."""

    def writerow(self, row: Iterable[Any], /) -> Any:
        """Write a line."""

    def writerows(self, rows: Iterable[Iterable[Any]], /) -> Any:
        """Write lines."""


def suppressions(
    file: Annotated[Path, typer.Argument(help="CSV, UTF-8, with a header.")],
    rejects: Annotated[Path | None, typer.Option(help="Where lines go that are refused.")] = None,
) -> None:
    """Suppress the addresses in FILE; the same file twice changes nothing.

    Columns: address, reason, and any of channel (email), category (* for all) and until (ISO 8601
    with a zone; empty for good). Of two suppressions of the same scope the longer one stays.
    """
    bring_in(
        file,
        rejects,
        lambda database, left: import_suppressions(database, file, left),
        "addresses suppressed",
    )


def import_suppressions(database: SyncDatabase, file: Path, rejects: Path) -> tuple[int, int]:
    """Suppress what every line of a file asks for that can be read.

    Returns:
        Suppressions that changed, and lines that went to `rejects`.
    """
    changed = 0
    inlet = Inlet(all_channels(), operator(), database.now())
    with database.begin() as tx:
        where = tx.follow(shards.learned())
    with reading(file) as reader:
        try:
            check_header(reader.fieldnames)
        except ValueError as error:
            refuse(str(error))
        with closing(Rejects(rejects, list(reader.fieldnames or ()))) as refused:
            for batch in in_batches(_lines(reader, inlet, refused), AT_ONCE):
                changed += _write(database, where, batch)
    return changed, refused.count


def _lines(reader: "csv.DictReader[str]", inlet: Inlet, refused: Rejects) -> Iterator[Suppression]:
    for row in reader:
        try:
            yield read_line(row, inlet)
        except ValueError as error:
            refused.add(row, str(error))


def _write(database: SyncDatabase, where: Shards, batch: Sequence[Suppression]) -> int:
    now = database.now()
    with database.begin() as tx:
        changed = tx.follow(suppress_all(merged(batch), now))
        if changed:
            Acting(tx, now).note("imported suppressions", f"{len(changed)} addresses")
    # Only after the commit: see models/queries/folding/suppressions.py.
    for slice_ in where.slices:
        for statement in copy_to_all(changed, slice_):
            with database.begin() as tx:
                tx.run(statement)
    return len(changed)


def export(
    file: Annotated[Path | None, typer.Argument(help="Without it: standard output.")] = None,
) -> None:
    """Write all suppressions in force as CSV, which `import` reads again. Audited."""
    with opened("export") as database:
        with database.begin() as tx:
            Acting(tx, database.now()).note("exported suppressions", "all in force")
        if file is None:
            _export(database, csv.writer(sys.stdout))
            return
        with file.open("w", encoding="utf-8", newline="") as text:
            lines = _export(database, csv.writer(text))
    typer.echo(f"{lines} suppressions written to {file}.")


def _export(database: SyncDatabase, writer: Writer) -> int:
    writer.writerow(EXPORTED)
    lines = 0
    wanted: SuppressionsWanted | None = SuppressionsWanted(database.now(), limit=AT_ONCE)
    while wanted is not None:
        with database.begin() as tx:
            page = tx.run(listed(wanted))
        writer.writerows(exported(line, line.address) for line in page)
        lines += len(page)
        wanted = following(wanted, page)
    return lines
