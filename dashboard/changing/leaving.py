"""What the console does for people who ask what is kept of them, or want it gone.

As in `actions`: who acts is looked up again in the transaction that acts, which also writes the
audit entry; there the person stands as a pseudonym.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import RefusedError, acting
from dashboard.data import database
from dashboard.settings import pseudonyms
from models.queries.erasing import erased, erasures, exports


def document(by: UUID, recipient: str) -> str:
    """Everything that is kept about a recipient, as JSON.

    Raises:
        NotAllowedError: The one who acts may not.
    """
    with acting(by, Permission.EXPORT_PEOPLE) as act:
        act.note(exports.EXPORTED, pseudonyms().recipient(recipient)[0])
    return "".join(_pieces(recipient, act.now))


def _pieces(recipient: str, now: datetime) -> Iterator[str]:
    steps, answer = exports.telling(recipient, now), None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration:
            return
        answer = None
        if isinstance(step, str):
            yield step
        else:
            with database().begin() as tx:
                answer = tx.run(step)


def weight(recipient: str) -> Mapping[str, int]:
    """What an erasure would take, counted."""
    with database().begin() as tx:
        return tx.run(erased.weight(recipient))


def erase(by: UUID, recipient: str, typed: str, reason: str) -> None:
    """Ask for a recipient's erasure; workers begin within a second.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Another id was typed, the reason will not do, or it has begun.
    """
    if typed != recipient:
        raise RefusedError("Type the id exactly as it stands there.")
    with acting(by, Permission.ERASE_PEOPLE) as act:
        try:
            asked = erasures.ask(recipient, pseudonyms(), act.by.email, reason, act.now)
            _, begins = act.tx.follow(asked)
        except ValueError as error:
            raise RefusedError(f"{error}.".capitalize()) from None
        if not begins:
            raise RefusedError("It has begun already.")
