"""Lists as CSV files: in which encoding, with which separator, by which column. Pure."""

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import BinaryIO

from delivery.reading import is_recipient_id
from delivery.sheets import unguarded

HEAD = 64 * 1024
"""Bytes of a file from which its form is told."""
_ID = "recipient_id"
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written.

    Attributes:
        encoding: As Python calls it.
        separator: What stands between its cells.
    """

    encoding: str
    separator: str

    def __str__(self) -> str:
        """Both, in words."""
        return f"{self.encoding.removesuffix('-sig')}, separated by {_SEPARATORS[self.separator]}"


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that was not taken, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who is to be on the list: an id, or an address as it is written."""

    line: int
    value: str


Refuse = Callable[[Reject], None]


def form_of(head: bytes) -> Form:
    """How a file is written, by its first bytes.

    A mark tells (RFC 3629, RFC 2781); without one NULs do, then whether it is UTF-8: what is not
    was written by an old spreadsheet, in Windows-1252.
    """
    encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    if encoding is None:
        encoding = _unmarked(head)
    first = head.decode(encoding, errors="replace").partition("\n")[0]
    most = max(_SEPARATORS, key=first.count)
    return Form(encoding, most if most in first else ",")


def _unmarked(head: bytes) -> str:
    if b"\0" in head:
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def column_of(header: Sequence[str], channels: Iterable[str]) -> tuple[int, str | None]:
    """Which column says who: its place, and the channel whose addresses it holds.

    Raises:
        ValueError: None does, or several do.
    """
    known: dict[str, str | None] = {_ID: None, **{channel: channel for channel in channels}}
    names = [name.strip().lower().replace("-", "") for name in header]
    found = [(place, known[name]) for place, name in enumerate(names) if name in known]
    ids = [each for each in found if each[1] is None]
    if len(ids or found) != 1:
        raise ValueError(
            f"the first line must name one column {_ID}, or one of addresses:"
            f" {', '.join(sorted(name for name in known if name != _ID))}"
        )
    return (ids or found)[0]


def entries(
    lines: Iterable[str], form: Form, channels: Iterable[str], refuse: Refuse
) -> tuple[str | None, Iterator[Entry]]:
    """The channel whose addresses a file holds (`None`: ids), and who is in it, line by line.

    Raises:
        ValueError: Its first line does not say which column to read.
    """
    reader = csv.reader(lines, delimiter=form.separator)
    header = next(reader, [])
    place, channel = column_of(header, channels)
    return channel, _entries(reader, place, len(header), is_id=channel is None, refuse=refuse)


@contextmanager
def opened(
    file: BinaryIO, channels: Iterable[str], refuse: Refuse
) -> Iterator[tuple[str | None, Iterator[Entry]]]:
    """The channel whose addresses a file of any form holds, and who is in it; it stays open.

    Raises:
        ValueError: Its first line does not say which column to read.
    """
    file.seek(0)
    form = form_of(file.read(HEAD))
    file.seek(0)
    text = TextIOWrapper(file, form.encoding, "surrogateescape", newline="")
    try:
        yield entries(text, form, channels, refuse)
    finally:
        text.detach()


def _entries(
    reader: Iterator[list[str]], place: int, width: int, *, is_id: bool, refuse: Refuse
) -> Iterator[Entry]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            refuse(Reject(number, "", f"it is not CSV: {error}"))
            continue
        if not any(cells):
            continue
        value = unguarded(cells[place].strip()) if place < len(cells) else ""
        wrong = _wrong(value, cells, width, is_id=is_id)
        if wrong is None:
            yield Entry(number, value)
        else:
            refuse(Reject(number, value, wrong))


def _wrong(value: str, cells: Sequence[str], width: int, *, is_id: bool) -> str | None:
    if len(cells) > width:
        return "the line has more cells than the header"
    if not value:
        return "the cell is empty"
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        return "it holds octets that are not of the file's encoding"
    if is_id and not is_recipient_id(value):
        return "a recipient id is 1 to 200 bytes of UTF-8 without NUL or surrounding space"
    return None if "\0" not in value else "no text can hold NUL"
