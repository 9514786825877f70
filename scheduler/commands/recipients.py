"""`tidings import recipients`: people from a CSV file."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from delivery.profiles import Accepts, ProfileError, read_profile
from delivery.registry import all_channels
from models.database import DataError, SyncDatabase
from models.profiles import FIELDS, NewProfile
from models.pseudonyms import Pseudonyms
from models.queries.erasing.erasures import erased
from scheduler.commands.bringing import bring_in
from scheduler.commands.files import Rejects, Row, in_batches, reading
from scheduler.commands.wrong_use import refuse
from scheduler.names import pseudonyms
from scheduler.planning.copying import copy_profiles

_BATCH = 5000
"""Rows written in one transaction."""
_ID = "recipient_id"
_ERASED = "This recipient was erased: who returned is told by PUT /v1/recipients/ID?anew=true."


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file that was understood."""

    row: Row
    profile: NewProfile


def recipients(
    file: Annotated[Path, typer.Argument(help="CSV, UTF-8, with a header.")],
    rejects: Annotated[Path | None, typer.Option(help="Where lines go that are refused.")] = None,
) -> None:
    """Write recipients from FILE; the same file twice changes nothing.

    Columns: recipient_id, and any of name, locale, timezone, org, quiet_hours, digest, attributes
    (all three JSON) and the names of channels (addresses, separated by semicolons). An empty cell
    leaves things as they are.
    """
    accepts = {name: channel.accepts for name, channel in all_channels().items()}

    def take(database: SyncDatabase, refused: Path) -> tuple[int, int]:
        return import_file(database, pseudonyms(), accepts, file, refused)

    bring_in(file, rejects, take, "recipients written")


def import_file(
    database: SyncDatabase, names: Pseudonyms, accepts: Accepts, file: Path, rejects: Path
) -> tuple[int, int]:
    """Write every line of a file that can be written.

    Returns:
        Lines that were written, and lines that went to `rejects`.
    """
    written = 0
    with reading(file) as reader:
        columns = _checked(reader.fieldnames, accepts)
        with closing(Rejects(rejects, columns)) as refused:
            for batch in in_batches(_lines(reader, accepts, refused), _BATCH):
                written += _Writer(database, names, refused).write(batch)
    return written, refused.count


def _checked(columns: Sequence[str] | None, accepts: Accepts) -> list[str]:
    known = [_ID, *FIELDS, *sorted(accepts)]
    strange = [column for column in columns or () if column not in known]
    if columns is None or _ID not in columns:
        refuse(f"the first line must name the columns, {_ID} among them")
    if strange:
        refuse(f"unknown columns {', '.join(strange)}: use {', '.join(known)}")
    return list(columns)


def _lines(reader: "csv.DictReader[str]", accepts: Accepts, refused: Rejects) -> Iterator[Line]:
    for row in reader:
        try:
            yield Line(row, read_profile(row[_ID], _said(row, accepts), accepts))
        except (ProfileError, ValueError) as error:
            refused.add(row, str(error))


def _said(row: Row, accepts: Accepts) -> dict[str, Any]:
    """The line as the JSON that `PUT /v1/recipients` takes."""
    if None in row:
        raise ValueError("The line has more cells than the header.")
    said: dict[str, Any] = {name: row[name] for name in FIELDS if row.get(name)}
    for name in {"attributes", "quiet_hours", "digest"} & said.keys():
        said[name] = json.loads(said[name])
    said["addresses"] = [
        {"channel": channel, "address": address.strip()}
        for channel in accepts
        for address in (row.get(channel) or "").split(";")
        if address.strip()
    ]
    return said


@dataclass(frozen=True, slots=True)
class _Writer:
    database: SyncDatabase
    names: Pseudonyms
    refused: Rejects

    def write(self, lines: Sequence[Line]) -> int:
        """Write a batch, but for people who were erased.

        One the database refuses is halved until the culprit is alone.
        """
        lines = self._unerased(lines)
        try:
            copy_profiles(self.database, _merged(lines), self.names)
        except DataError as error:
            if len(lines) == 1:
                self.refused.add(lines[0].row, f"The database refused it: {error}")
                return 0
            middle = len(lines) // 2
            return self.write(lines[:middle]) + self.write(lines[middle:])
        return len(lines)

    def _unerased(self, lines: Sequence[Line]) -> Sequence[Line]:
        asked = {line.profile.recipient_id for line in lines}
        with self.database.begin() as tx:
            gone = tx.run(erased(asked, self.names)) if asked else {}
        for line in lines:
            if line.profile.recipient_id in gone:
                self.refused.add(line.row, _ERASED)
        return [line for line in lines if line.profile.recipient_id not in gone]


def _merged(lines: Sequence[Line]) -> list[NewProfile]:
    """One profile a recipient: later lines over earlier ones."""
    profiles: dict[str, NewProfile] = {}
    for line in lines:
        known = profiles.get(line.profile.recipient_id)
        profile = line.profile if known is None else known.then(line.profile)
        profiles[profile.recipient_id] = profile
    return list(profiles.values())
