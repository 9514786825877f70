"""Erasures that a restored database has forgotten, told by their hashes, are done once more."""

import json
from pathlib import Path

import typer

from models.database import SyncDatabase, SyncTransaction
from models.ids import bucket_of
from models.pseudonyms import Pseudonyms, is_pseudonym
from models.queries.erasing import erased, erasures
from scheduler.commands.operator import operator
from scheduler.commands.session import opened
from scheduler.names import pseudonyms

_AGAIN = "erased before, and restored"


def repeat(url: str, file: Path) -> None:
    """Ask for every erasure of a kept list that this database does not know of.

    Workers do them as soon as they start; who is not here is remembered, so that late rows are
    for nobody.

    Raises:
        ValueError: The file is no such list.
    """
    wanted = _kept(file)
    names = pseudonyms()
    with opened("migrate", url) as database:
        with database.begin() as tx:
            known = {line.pseudonym for line in tx.run(erased.lines())}
        missing = [pseudonym for pseudonym in wanted if pseudonym not in known]
        found = sum(_ask(database, names, pseudonym) for pseudonym in missing)
    gone = len(missing) - found
    typer.echo(f"{found} people are erased again by the workers; {gone} were not here any more.")


def _kept(file: Path) -> list[str]:
    """The pseudonyms of a list, without those who returned."""
    kept = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        try:
            said = json.loads(line)
            pseudonym, returned = said["pseudonym"], said["returned_at"]
        except (ValueError, KeyError, TypeError):
            pseudonym, returned = "", None
        if not is_pseudonym(pseudonym):
            raise ValueError(
                f"{file}:{number}: no erasure: give what `tidings recipients erasures --json` wrote"
            )
        if returned is None:
            kept.append(pseudonym)
    return kept


def _ask(database: SyncDatabase, names: Pseudonyms, pseudonym: str) -> bool:
    """Whether the person is here, and is erased again."""
    now, by = database.now(), operator()
    with database.begin() as tx:
        recipient = _whose(tx, names, pseudonym)
        if recipient is None:
            tx.run(erased.remember(pseudonym, by, _AGAIN, now))
            return False
        tx.follow(erasures.ask(recipient, names, by, _AGAIN, now))
        return True


def _whose(tx: SyncTransaction, names: Pseudonyms, pseudonym: str) -> str | None:
    """Who stands behind a pseudonym: it names its bucket, and few live there."""
    people = tx.run(erased.everybody(bucket_of(pseudonym)))
    return next((one for one in people if pseudonym in names.recipient(one)), None)
