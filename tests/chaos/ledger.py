"""The mail server's own book, on disk: what it took, whatever anybody else believes."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TextIO

Letter = tuple[int, str]
"""The number of an event, and the recipient it went to."""

_SUBJECT = re.compile(rb"^Subject: event (\d+)\r$", re.MULTILINE)


@dataclass
class Ledger:
    """Counts what was kept. Written before the answer leaves; never read by the product."""

    book: TextIO
    kept: Counter[Letter] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    @classmethod
    @asynccontextmanager
    async def at(cls, path: Path) -> AsyncIterator[Self]:
        with path.open("x", encoding="utf-8") as book:
            yield cls(book)

    def keep(self, address: str, content: bytes) -> None:
        """Take responsibility for a message."""
        found = _SUBJECT.search(content)
        letter = (int(found[1]) if found else -1, address.partition("@")[0])
        self.kept[letter] += 1
        self.book.write(f"{letter[0]}\t{letter[1]}\n")
        self.book.flush()


def read(lines: Iterable[str]) -> Counter[Letter]:
    """What a book says."""
    pairs = (line.rstrip("\n").split("\t") for line in lines)
    return Counter((int(number), recipient) for number, recipient in pairs)
