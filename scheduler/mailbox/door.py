"""The mailbox's house: all mail is let in."""

import time

from scheduler.mailbox.letters import peek_subject
from scheduler.mailbox.store import Arrival, Store
from scheduler.smtp.house import Letter, Limits

LARGEST = 26_214_400
"""Octets of the largest message that is taken: 25 MiB."""


class Door:
    """What a session asks; see `scheduler.smtp.house.House`."""

    name = "mailbox"
    speaks_lmtp = False
    limits = Limits(size=LARGEST, kept=LARGEST + 1)

    def __init__(self, store: Store) -> None:
        self._store = store

    def refusal(self, recipient: str) -> bytes | None:  # noqa: ARG002 - everybody lives here
        """Nobody is refused."""
        return None

    def keep(self, letter: Letter) -> bytes:
        """Write a message down; it survives the end of this process."""
        arrival = Arrival(
            letter.sender, letter.recipients, peek_subject(letter.raw), time.time(), letter.raw
        )
        try:
            entry = self._store.add(arrival)
        except OSError:
            return b"452 4.3.1 Cannot write it down\r\n"
        return b"250 2.0.0 Ok: queued as %d\r\n" % entry.id
