"""Which of the published versions is in force."""

from collections.abc import Iterable

from delivery.rulebook.document import RulebookError, read
from models.records import Rulebook, StoredDocument


def newest_sound(published: Iterable[StoredDocument]) -> tuple[Rulebook | None, dict[int, str]]:
    """The newest version that can be read, and what is wrong with those after it.

    A broken one, written past the commands, must not lift all rules.
    """
    broken: dict[int, str] = {}
    for stored in published:
        try:
            return read(stored.document, stored.version), broken
        except RulebookError as error:
            broken[stored.version] = str(error)
    return None, broken
