"""CSV files that commands read, and the lines of them that are refused."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Row = Mapping[str, str | None]
T = TypeVar("T")


class Rejects:
    """The file with the lines that were not taken; made with the first of them."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self.count = 0
        self._columns = [*columns, "reason"]
        self._file: Any = None

    def add(self, row: Row, reason: str) -> None:
        """Keep a line, and why."""
        if self._file is None:
            # Octets that are not UTF-8 leave as they came.
            self._file = self.path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
            csv.writer(self._file).writerow(self._columns)
        cells = [row.get(column) or "" for column in self._columns[:-1]]
        csv.writer(self._file).writerow([*cells, reason])
        self.count += 1

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()


@contextmanager
def reading(file: Path) -> Iterator["csv.DictReader[str]"]:
    """The rows of a file, with a bar that grows while they are read."""
    with text_of(file, "utf-8-sig") as text:
        yield csv.DictReader(text)


@contextmanager
def text_of(file: Path, encoding: str) -> Iterator[TextIO]:
    """The text of a file, with a bar that grows while it is read."""
    terminal = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    disabled = not terminal.is_terminal
    with (
        Progress(
            *columns, TimeRemainingColumn(), console=terminal, transient=True, disable=disabled
        ) as progress,
        progress.open(
            file,
            "r",
            encoding=encoding,
            errors="surrogateescape",
            newline="",
            description=file.name,
        ) as text,
    ):
        yield text


def in_batches(lines: Iterable[T], size: int) -> Iterator[list[T]]:
    """The same lines, so many at a time."""
    batch: list[T] = []
    for line in lines:
        batch.append(line)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
