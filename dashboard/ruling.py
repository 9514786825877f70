"""What the console changes about the rules of the whole installation."""

from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import RefusedError, acting
from delivery.caps import counters
from delivery.rulebook import RulebookError, read, read_toml
from models.queries.rulebooks import OvertakenError, Publication, put_in_force


def publish(by: UUID, text: str, note: str, base: int) -> int:
    """Put a rulebook in force, made from version `base`.

    Returns:
        Its version.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It cannot be read, has no note, changes nothing, or somebody was faster.
    """
    if not note.strip():
        raise RefusedError("Give a note: what changes, and why.")
    try:
        document = read_toml(text)
        needed = counters(read(document).caps)
        with acting(by, Permission.RULE) as act:
            wanted = Publication(document, needed, note.strip(), act.by.email, act.now, base)
            version = act.tx.follow(put_in_force(wanted))
    except (RulebookError, OvertakenError) as error:
        raise RefusedError(str(error)) from None
    if version is None:
        raise RefusedError("Nothing would change: just these rules are in force.")
    return version
