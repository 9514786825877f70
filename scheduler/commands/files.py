"""CSV files that commands read, and the lines of them that are refused."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Row = Mapping[str, str | None]
T = TypeVar("T")
_TOLD = 1000
"""Lines between two looks at how many were read."""


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
def text_of(file: Path, encoding: str) -> Iterator[Iterator[str]]:
    """The lines of a file; on a terminal with a bar that grows, and how many were read."""
    terminal = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    shown = (*columns, TextColumn("{task.fields[lines]:,} lines"), TimeRemainingColumn())
    disabled = not terminal.is_terminal
    with Progress(*shown, console=terminal, transient=True, disable=disabled) as progress:
        task = progress.add_task(file.name, total=file.stat().st_size, lines=0)
        with progress.open(
            file, "r", encoding=encoding, errors="surrogateescape", newline="", task_id=task
        ) as text:
            yield _counted(text, lambda lines: progress.update(task, lines=lines))


def _counted(text: Iterable[str], tell: Callable[[int], None]) -> Iterator[str]:
    number = 0
    for number, line in enumerate(text, start=1):
        if number % _TOLD == 0:
            tell(number)
        yield line
    tell(number)


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
