"""What the console brings in: lists of recipients, each from a CSV file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.changing import approving
from delivery.audiences import read
from delivery.audiences.asking import of_list
from delivery.audiences.lists import Entry, Reject, opened
from delivery.registry import all_channels
from models.queries.audiences import catalog
from models.queries.audiences.bringing import Bringing, Brought, bring, new_list
from models.queries.console.teams import Owned, owner_of
from models.records import Ask

__all__ = ["Brought", "NotAllowedError", "RefusedError"]

_TOLD = 10_000
_PIECE = 1024 * 1024


@dataclass(slots=True)
class Upload:
    """A file on its way into a list.

    Attributes:
        file: Its octets, read piece by piece.
        progress: Told which share of the lines was read, and how many that are.
        rejects: What was not taken, filled while it is read.
    """

    file: BinaryIO
    name: str
    progress: Callable[[float, int], None]
    rejects: list[Reject] = field(default_factory=list)
    _lines: int = 0

    def seal(self) -> tuple[str, int]:
        """The SHA-256 of its octets, and its lines: no more people than that are on the list."""
        self.file.seek(0)
        digest, lines = sha256(), 0
        while piece := self.file.read(_PIECE):
            digest.update(piece)
            lines += piece.count(b"\n")
        self._lines = lines
        return digest.hexdigest(), lines

    def told(self, found: Iterable[Entry]) -> Iterator[tuple[int, str]]:
        """The lines, and word of every ten thousandth."""
        for one in found:
            if one.line % _TOLD == 0:
                self.progress(min(one.line / max(self._lines, 1), 1.0), one.line)
            yield one.line, one.value

    def refuse(self, line: int, value: str, reason: str) -> None:
        """Keep a line, and why."""
        self.rejects.append(Reject(line, value, reason))


def bring_in(by: UUID, key: str, title: str, upload: Upload) -> Brought:
    """Make a list of whoever a file names, whole or not at all.

    Raises:
        NotAllowedError: The one who acts may not.
        ApprovalNeededError: Somebody else has to look at it first.
        RefusedError: It is no list, or the file does not say who.
    """
    with acting(by, Permission.EDIT_AUDIENCES, owner_of(Owned.AUDIENCE, key)) as act:
        approving.require(act, _ask(act, key, title, upload))
        brought = _brought(act, key, title, upload)
        told = {"version": brought.version, "members": brought.members}
        refused = len(upload.rejects)
        act.note("brought a list in", key, file=upload.name, refused=refused, after=told)
    return brought


def ask(by: UUID, key: str, title: str, upload: Upload) -> None:
    """Ask somebody else to let `bring_in` bring in just this file.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is no list, or needs no approval (any more).
    """
    with acting(by, Permission.EDIT_AUDIENCES, owner_of(Owned.AUDIENCE, key)) as act:
        approving.ask_for(act, _ask(act, key, title, upload), f"Bring {upload.name} in.")


def _ask(act: Acting, key: str, title: str, upload: Upload) -> Ask:
    """What is looked at: the very octets of a file, weighed by its lines."""
    was = act.tx.run(catalog.audiences()).get(key)
    if was is not None and was.list is None:
        raise RefusedError(f"{key} is no list: give the list a key of its own.")
    return of_list(key, title, *upload.seal(), was)


def _brought(act: Acting, key: str, title: str, upload: Upload) -> Brought:
    accepts = {name: channel.accepts for name, channel in all_channels().items()}
    saving = new_list(key, title, upload.name, act.by.email, act.now)
    try:
        read(saving.document)
        with opened(upload.file, accepts, upload.rejects.append) as (channel, found):
            spell = accepts[channel] if channel else str
            lines = upload.told(found)
            return act.tx.follow(bring(Bringing(saving, channel, spell, upload.refuse), lines))
    except ValueError as error:
        raise RefusedError(f"{upload.name}: {error}.") from None
