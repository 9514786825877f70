"""The page Suppressions: what it reads, and what it imports."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import NotAllowedError, acting
from dashboard.data import database
from delivery.consent.lifting import LOOKS_BACK
from delivery.consent.suppressing import merged
from models.queries import shards
from models.queries.console import consents
from models.queries.console.suppressed import (
    Ending,
    SuppressionsWanted,
    following,
    lifting,
    suppression_named,
    suppressions,
)
from models.queries.folding.reconciling import copy_to_all
from models.queries.folding.suppressions import suppress_all
from models.readings.suppressions import (
    Lifting,
    SuppressionChange,
    SuppressionLine,
    SuppressionPosition,
)
from models.records import Place, Suppression

__all__ = ["Ending", "NotAllowedError", "SuppressionPosition", "SuppressionsWanted"]
_CHANGES = 50
_AT_ONCE = 500


def listed(wanted: SuppressionsWanted) -> list[SuppressionLine]:
    """Suppressions, newest first."""
    with database().begin() as tx:
        return tx.run(suppressions(wanted))


def pages(wanted: SuppressionsWanted) -> Iterator[list[SuppressionLine]]:
    """All of them, page by page; each is a short transaction of its own."""
    asked: SuppressionsWanted | None = wanted
    while asked is not None:
        page = listed(asked)
        yield page
        asked = following(asked, page)


def one(bucket: int, digest: str) -> tuple[SuppressionLine, list[SuppressionChange]] | None:
    """A suppression with all that ever happened to its address; `None` when it is gone."""
    with database().begin() as tx:
        found = tx.run(suppression_named(bucket, digest))
        if not found:
            return None
        return found[0], tx.run(consents.suppression_changes([found[0].address], _CHANGES))


def would_send(places: Sequence[Place], now: datetime) -> Lifting:
    """What lifting these would do."""
    with database().begin() as tx:
        return tx.follow(lifting(places, now, now - LOOKS_BACK))


def exporting(by: UUID, about: dict[str, str]) -> None:
    """Write into the audit who exports what.

    Raises:
        NotAllowedError: They may not.
    """
    with acting(by, Permission.SEE) as act:
        act.note("exported suppressions", "a list", **about)


def take_in(by: UUID, said: Sequence[Suppression], file: str) -> Iterator[tuple[int, int]]:
    """Suppress what a file asks for, a transaction and an audit entry a batch.

    Stopping in between leaves the rest as it was; the same file again goes on from there.

    Yields:
        How many were looked at so far, and how many of them changed something.

    Raises:
        NotAllowedError: The one who acts may not (any more).
    """
    changed = 0
    for start in range(0, len(said), _AT_ONCE):
        batch = merged(said[start : start + _AT_ONCE])
        with acting(by, Permission.CHANGE_CONSENT) as act:
            new = act.tx.follow(suppress_all(batch, act.now))
            if new:
                act.note("imported suppressions", f"{len(new)} addresses", file=file)
        _copy(new)
        changed += len(new)
        yield min(start + _AT_ONCE, len(said)), changed


def _copy(new: Sequence[Suppression]) -> None:
    """Only after the commit: see models/queries/folding/suppressions.py."""
    with database().begin() as tx:
        where = tx.follow(shards.learned())
    for slice_ in where.slices:
        for statement in copy_to_all(new, slice_):
            with database().begin() as tx:
                tx.run(statement)
