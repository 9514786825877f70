"""Whose door it is: what is let in, and what becomes of it."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may ask for.

    Attributes:
        size: Octets of a message.
        kept: Octets of its beginning that are handed on; what follows is read and forgotten.
        recipients: Of one message.
        commands: Of one session.
        mistakes: Commands of one session that were answered with 5yz.
        sessions: At once, of all clients.
        sessions_each: At once, of one address; of none on this machine.
        patience: Seconds a command may take to come whole, from the answer to the last one.
        content: Seconds a content may take to come whole.
    """

    size: int = 26_214_400
    kept: int = 26_214_400
    recipients: int = 1_000
    commands: int = 1_000_000
    mistakes: int = 1_000
    sessions: int = 10_000
    sessions_each: int = 10_000
    patience: float = 300.0
    content: float = 600.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One message with its envelope.

    Attributes:
        sender: The return path; empty for none.
        recipients: Those that were let in, in their order.
        raw: The message with its lines as they came, as much of it as is kept.
    """

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class House(Protocol):
    """Decides what a session may take; answers are whole lines, or several."""

    @property
    def name(self) -> str:
        """What the house calls itself in its greeting."""

    @property
    def limits(self) -> Limits:
        """What one client may ask for."""

    @property
    def speaks_lmtp(self) -> bool:
        """Whether the greeting is LHLO and each recipient gets an answer to the content."""

    def refusal(self, recipient: str) -> bytes | None:
        """Why mail to an address is not taken; `None` where it is."""

    def keep(self, letter: Letter) -> bytes | Awaitable[bytes]:
        """Keep a message; the answer comes once it is safe. Never raises."""
