"""Edits of pages: what a day of activity is made of, and reading such a day from a file."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, ValidationError

from delivery.reading import is_recipient_id

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody saved a page.

    Attributes:
        number: Its place in the day, from 1; in a file its line.
        at: When, with a time zone.
        wiki: Together with the title it names the page, e.g. `en.wikipedia`.
        delta: By how many characters the page grew.
        country: ISO 3166 code of where an anonymous author was.
    """

    number: int
    at: datetime
    wiki: str
    page: str
    user: str
    comment: str = ""
    delta: int = 0
    robot: bool = False
    anonymous: bool = False
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of edits in order of time; no two days have the same name."""

    name: str
    edits: tuple[Edit, ...]


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("no text can hold NUL")
    return text


def _recipient_id(name: str) -> str:
    if not is_recipient_id(name):
        raise ValueError("not 1 to 200 bytes of UTF-8 without NUL or surrounding space")
    return name


_Text = Annotated[str, AfterValidator(_storable)]
_Name = Annotated[_Text, Field(min_length=1)]


class _Line(BaseModel):
    """One line of the file; what we do not use is ignored."""

    time: AwareDatetime
    channel: _Name
    page: _Name
    user: Annotated[str, AfterValidator(_recipient_id)]
    comment: _Text | None = None
    delta: int | None = None
    robot: bool = Field(default=False, alias="isRobot")
    anonymous: bool = Field(default=False, alias="isAnonymous")
    country: _Text | None = Field(default=None, alias="countryIsoCode")


def read_day(path: Path) -> Day:
    """A day of edits from a file of JSON lines, packed with gzip or not.

    The day is named after its content, so a copy of the file is the same day.

    Raises:
        OSError: The file cannot be read.
        ValueError: A line is not an edit; says `file:line:` and what is wrong.
    """
    digest, edits = sha256(), list[Edit]()
    try:
        for line in _lines(path):
            digest.update(line)
            edits.append(_edit(len(edits) + 1, line))
    except ValueError as error:
        raise ValueError(f"{path}:{len(edits) + 1}: {error}") from error
    if not edits:
        raise ValueError(f"{path}: there is no edit in it")
    return Day(digest.hexdigest()[:8], tuple(sorted(edits, key=lambda edit: edit.at)))


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as raw:
        packed = raw.read(len(_GZIP)) == _GZIP
        raw.seek(0)
        try:
            yield from gzip.GzipFile(fileobj=raw) if packed else raw
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"the gzip stream is broken: {error}") from error


def _edit(number: int, line: bytes) -> Edit:
    try:
        read = _Line.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from error
    return Edit(
        number=number,
        at=read.time,
        wiki=read.channel.removeprefix("#"),
        page=read.page,
        user=read.user,
        comment=read.comment or "",
        delta=read.delta or 0,
        robot=read.robot,
        anonymous=read.anonymous,
        country=read.country,
    )
