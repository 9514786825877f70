"""Looking into a mailbox again and again: what is there is taken, then put aside."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from imaplib import IMAP4
from typing import Protocol

import structlog

from delivery.returns.meaning import found
from models.database import UnavailableError
from scheduler.returns.desk import Desk, Way

_LONGEST_PAUSE = 300.0

log = structlog.get_logger()


class Shelf(Protocol):
    """Where mails lie until they are taken."""

    @property
    def way(self) -> Way:
        """How its mails come in."""

    def mails(self) -> AsyncGenerator[tuple[str, bytes]]:
        """Name and beginning of each mail that was not taken, the oldest first."""

    async def put_aside(self, name: str, *, odd: bool) -> None:
        """See to it that a mail is not looked at again; an odd one shall catch the eye."""


async def look(desk: Desk, shelf: Shelf) -> int:
    """Take every mail there; how many there were. A crash anywhere repeats what was not put aside.

    Raises:
        UnavailableError: The database is away; what is left stays where it is.
    """
    taken = 0
    async with aclosing(shelf.mails()) as mails:
        async for name, raw in mails:
            await shelf.put_aside(name, odd=not await _take(desk, shelf, raw))
            taken += 1
    return taken


async def _take(desk: Desk, shelf: Shelf, raw: bytes) -> bool:
    """Whether a mail could be taken: one that cannot shall not keep the others waiting."""
    try:
        await desk.take(found(raw, desk.place), shelf.way)
    except UnavailableError:
        raise
    except Exception:
        log.exception("mail.crashed", way=str(shelf.way))
        return False
    return True


@dataclass
class Poller:
    """Looks at a shelf for ever; trouble is logged once, and waited out longer each time.

    Attributes:
        pause: Seconds between two looks.
        sleep: Waits; the clock of tests.
    """

    desk: Desk
    shelf: Shelf
    pause: float
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _failures: int = 0

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look_once()
            await self.sleep(min(self.pause * 2**self._failures, _LONGEST_PAUSE))

    async def look_once(self) -> None:
        """One look, whatever comes of it."""
        reachable = self.desk.measures.reachable.labels(self.shelf.way)
        try:
            await look(self.desk, self.shelf)
        except UnavailableError:
            self._failures = min(self._failures + 1, 10)
        except (OSError, EOFError, IMAP4.error) as error:
            if not self._failures:
                log.warning("mailbox.unreachable", way=str(self.shelf.way), error=_safe(error))
            self._failures = min(self._failures + 1, 10)
            reachable.set(0)
        else:
            if self._failures:
                log.info("mailbox.reachable", way=str(self.shelf.way))
            self._failures = 0
            reachable.set(1)


def _safe(error: Exception) -> str:
    """What went wrong, on one short line; a server might repeat what it was told."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
