"""Publishing a document of which the newest version holds for the whole installation."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, RefusedError, acting
from dashboard.changing import approving
from delivery.approving.titles import WHOLE
from models.people import Person
from models.queries.configuring.published import OvertakenError, Publication, Published
from models.query import Story
from models.records import ApprovalKind, Ask


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of such documents.

    Attributes:
        read: A TOML text as a document without fault; raises ValueError, which says every fault.
        counters: The counters a document needs.
        put: Puts one in force, with its audit entry.
    """

    kind: ApprovalKind
    needs: Permission
    versions: Published
    read: Callable[[str], dict[str, Any]]
    put: Callable[[Publication], Story[int | None]]
    counters: Callable[[Mapping[str, Any]], Collection[str]] = lambda _: ()

    def publish(self, by: UUID, text: str, note: str, base: int) -> int:
        """Put a document in force that was made from version `base`.

        Returns:
            Its version.

        Raises:
            NotAllowedError: The one who acts may not.
            RefusedError: It cannot be read, has no note, changes nothing, somebody was faster, or
                it needs approval.
        """
        with self._sound(by, text, note, base) as (act, wanted):
            approving.require(act, self.asked(wanted.document, base))
            version = act.tx.follow(self.put(wanted))
            if version is None:
                raise RefusedError("Nothing would change: just this is in force.")
            return version

    def ask(self, by: UUID, text: str, note: str, base: int) -> UUID:
        """Ask for approval of a document that was made from version `base`.

        Raises:
            NotAllowedError: The one who acts may not.
            RefusedError: As for `publish`, or it needs no approval.
        """
        with self._sound(by, text, note, base) as (act, wanted):
            newest = act.tx.run(self.versions.newest(1))
            before = _said(newest[0].document if newest else {}, base)
            ask = replace(self.asked(wanted.document, base), before=before)
            return approving.ask_for(act, ask, note)

    def needs_approval(self, by: Person, document: Mapping[str, Any], base: int) -> bool:
        """Whether somebody else has to look before a document is put in force."""
        return approving.is_needed(by, self.asked(document, base))

    def asked(self, document: Mapping[str, Any], base: int) -> Ask:
        """Bound to the version it was made from: what is looked at is the difference."""
        return Ask(self.kind, WHOLE, _said(document, base))

    @contextmanager
    def _sound(
        self, by: UUID, text: str, note: str, base: int
    ) -> Iterator[tuple[Acting, Publication]]:
        if not note.strip():
            raise RefusedError("Give a note: what changes, and why.")
        try:
            document = self.read(text)
        except ValueError as error:
            raise RefusedError(str(error)) from None
        counters = self.counters(document)
        try:
            with acting(by, self.needs) as act:
                wanted = Publication(document, counters, note.strip(), act.by.email, act.now, base)
                if act.tx.follow(self.versions.follows(wanted)) is None:
                    raise RefusedError("Nothing would change: just this is in force.")
                yield act, wanted
        except OvertakenError as error:
            raise RefusedError(str(error)) from None


def _said(document: Mapping[str, Any], base: int) -> dict[str, Any]:
    return {"base": base, "document": document}
