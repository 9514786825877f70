"""Keeps what arrives in files that are only ever appended to.

A *volume* is two files named after its first message: `000000000001.mail`, the messages end
to end exactly as they came, and `000000000001.index`, one line of JSON each. The line is
written after the message, so a line is the proof that its message is whole; bytes after the
last line are the rest of a crash and nobody looks at them. Every start begins a new volume.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import NamedTuple

KEPT = 100_000
"""How many of the newest messages are kept."""
VOLUME = 2_000
"""Messages of a volume, unless it grows too large: what pruning removes at once."""
_VOLUME_OCTETS = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as the SMTP side took it.

    Attributes:
        sender: The return path; empty for none.
        recipients: The envelope's recipients.
        subject: Decoded, for lists and searches.
        received_at: Seconds since 1970.
        raw: The message, with CRLF lines.
    """

    sender: str
    recipients: tuple[str, ...]
    subject: str
    received_at: float
    raw: bytes


class Entry(NamedTuple):
    """What is known of a kept message without reading it."""

    id: int
    received_at: float
    sender: str
    recipients: tuple[str, ...]
    subject: str
    size: int
    volume: int
    offset: int

    def mentions(self, text: str) -> bool:
        """Whether a recipient or the subject contains a text, given in lower case."""
        return not text or text in self.subject.lower() or self.is_to(text)

    def is_to(self, text: str) -> bool:
        """Whether a recipient contains a text, given in lower case."""
        return not text or any(text in recipient.lower() for recipient in self.recipients)


@dataclass(frozen=True, slots=True)
class Search:
    """Which messages are wanted, newest first.

    Attributes:
        text: In a recipient or the subject; any case.
        to: In a recipient; any case.
        before: Only messages older than this id.
        limit: At most so many.
    """

    text: str = ""
    to: str = ""
    before: int | None = None
    limit: int = 50


@dataclass(slots=True)
class _Volume:
    """An open volume; `size` is where the next message begins."""

    number: int
    mail: FileIO
    index: FileIO
    size: int = 0
    count: int = 0

    @property
    def full(self) -> bool:
        return self.count >= VOLUME or self.size >= _VOLUME_OCTETS

    def close(self) -> None:
        self.mail.close()
        self.index.close()


class Store:
    """The kept messages; used from one thread."""

    def __init__(self, directory: Path, keep: int = KEPT) -> None:
        self._directory = directory
        self._keep = keep
        self._entries: dict[int, Entry] = {}
        self._volumes: dict[int, int] = {}  # number -> messages in it, oldest first
        self._open: _Volume | None = None
        directory.mkdir(parents=True, exist_ok=True)
        for path in sorted(directory.glob("*.index")):
            self._load(path)
        self._next = max(self._entries, default=0) + 1

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def newest(self) -> int:
        """The id of the message that came last, over all that ever came; 0 before the first."""
        return self._next - 1

    def add(self, arrival: Arrival) -> Entry:
        """Write a message; once this returns, it survives the end of this process.

        Raises:
            OSError: It could not be written whole; it is as if it had never come.
        """
        volume = self._writable()
        entry = Entry(
            self._next,
            arrival.received_at,
            arrival.sender,
            arrival.recipients,
            arrival.subject,
            len(arrival.raw),
            volume.number,
            volume.size,
        )
        try:
            _write(volume.mail, arrival.raw)
            _write(volume.index, json.dumps(entry).encode() + b"\n")
        except OSError:
            self._close_volume()
            raise
        self._keep_entry(entry)
        volume.size += entry.size
        volume.count += 1
        self._prune()
        return entry

    def get(self, identifier: int) -> Entry | None:
        """The entry of a kept message."""
        return self._entries.get(identifier)

    def raw(self, entry: Entry) -> bytes:
        """The message itself."""
        with self._path(entry.volume, "mail").open("rb") as mail:
            mail.seek(entry.offset)
            return mail.read(entry.size)

    def find(self, search: Search) -> list[Entry]:
        """The messages that fit, newest first."""
        return list(islice(self._matching(search), search.limit))

    def count(self, search: Search) -> int:
        """How many messages fit, whatever the search's limit."""
        return sum(1 for _ in self._matching(search))

    def clear(self) -> int:
        """Remove everything; how many messages that were."""
        count = len(self._entries)
        self._close_volume()
        for number in list(self._volumes):
            self._remove(number)
        return count

    def close(self) -> None:
        """Close the files."""
        self._close_volume()

    def _matching(self, search: Search) -> Iterator[Entry]:
        text, to = search.text.lower(), search.to.lower()
        for entry in reversed(self._entries.values()):
            if search.before is not None and entry.id >= search.before:
                continue
            if entry.mentions(text) and entry.is_to(to):
                yield entry

    def _load(self, path: Path) -> None:
        with path.open("rb") as lines, suppress(ValueError):  # a line that a crash cut
            for line in lines:
                fields = json.loads(line)
                fields[3] = tuple(fields[3])
                self._keep_entry(Entry(*fields))

    def _keep_entry(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        self._volumes[entry.volume] = self._volumes.get(entry.volume, 0) + 1
        self._next = entry.id + 1

    def _writable(self) -> _Volume:
        if self._open and self._open.full:
            self._close_volume()
        if self._open is None:
            number = self._next
            mail = FileIO(self._path(number, "mail"), "w")
            self._open = _Volume(number, mail, FileIO(self._path(number, "index"), "w"))
        return self._open

    def _close_volume(self) -> None:
        if self._open:
            self._open.close()
        self._open = None

    def _prune(self) -> None:
        oldest = next(iter(self._volumes))
        if len(self._entries) - self._volumes[oldest] >= self._keep:
            self._remove(oldest)

    def _remove(self, number: int) -> None:
        count = self._volumes.pop(number)
        for identifier in range(number, number + count):
            del self._entries[identifier]
        self._path(number, "index").unlink()
        self._path(number, "mail").unlink()

    def _path(self, number: int, kind: str) -> Path:
        return self._directory / f"{number:012d}.{kind}"


def _write(file: FileIO, data: bytes) -> None:
    if file.write(data) != len(data):
        raise OSError("the disk took only a part")
