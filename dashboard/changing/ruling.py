"""What the console changes about rules of the whole installation, and about what is held."""

from collections.abc import Iterator
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError, acting
from delivery.limits.caps import counters
from delivery.rulebook import RulebookError, read, read_toml
from models.ids import BUCKETS
from models.queries.configuring.rulebooks import OvertakenError, Publication, put_in_force
from models.queries.console.held import RELEASABLE, Release, let_go
from models.readings.held import HeldLine

__all__ = ["RELEASABLE", "NotAllowedError", "RefusedError", "publish", "release"]

_BUCKETS_AT_ONCE = 128


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


def release(by: UUID, line: HeldLine) -> Iterator[int]:
    """Have the gate look now at what is held, a transaction and an audit entry a few buckets.

    Each delivery is meant once: what is held anew meanwhile stays held.

    Yields:
        How many were let go so far.

    Raises:
        NotAllowedError: The one who acts may not (any more).
        RefusedError: What holds it is not a person's to cut short.
    """
    if line.held_for not in RELEASABLE:
        raise RefusedError("This is let go where it is held: by its rule, its switch or its step.")
    gone = 0
    for start in range(0, BUCKETS, _BUCKETS_AT_ONCE):
        with acting(by, Permission.INTERVENE) as act:
            wanted = Release(line.held_for, line.topic, line.channel, act.by.email, act.now)
            gone += act.tx.follow(let_go(wanted, range(start, start + _BUCKETS_AT_ONCE)))
        yield gone
