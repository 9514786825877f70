"""A maildir as a way in: what somebody else delivers into `new` is taken and moved to `cur`."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from delivery.bounces.reading import LONGEST_MAIL
from scheduler.returns.desk import Way

PAUSE = 1.0
"""Seconds between two looks."""


@dataclass(frozen=True)
class Maildir:
    """The shelf of a maildir; several of us may look at the same one."""

    directory: Path
    way = Way.MAILDIR

    @classmethod
    def at(cls, directory: Path) -> "Maildir":
        """The one in a directory.

        Raises:
            ValueError: There is none.
        """
        for folder in ("new", "cur"):
            if not (directory / folder).is_dir():
                raise ValueError(f"{directory} is no maildir: it has no folder {folder!r}")
        return cls(directory)

    async def mails(self) -> AsyncGenerator[tuple[str, bytes]]:
        """What lies in `new`, by name: their names begin with the time."""
        for name in await asyncio.to_thread(self._names):
            raw = await asyncio.to_thread(self._beginning, name)
            if raw is not None:
                yield name, raw

    async def put_aside(self, name: str, *, odd: bool) -> None:
        """Move it to `cur` as seen, an odd one as flagged besides."""
        flags = "FS" if odd else "S"
        target = self.directory / "cur" / f"{name.partition(':')[0]}:2,{flags}"
        with suppress(FileNotFoundError):  # somebody else who took it was faster
            await asyncio.to_thread((self.directory / "new" / name).rename, target)

    def _names(self) -> list[str]:
        new = self.directory / "new"
        return sorted(one.name for one in new.iterdir() if not one.name.startswith("."))

    def _beginning(self, name: str) -> bytes | None:
        with suppress(FileNotFoundError), (self.directory / "new" / name).open("rb") as mail:
            return mail.read(LONGEST_MAIL)
        return None
