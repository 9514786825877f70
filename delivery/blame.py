"""What is wrong in a document that people wrote: where, and in which words. Pure."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

Loc = Sequence[int | str]
"""The way to a value: names of tables and fields, and numbers in lists, from 0."""
Said = tuple[Loc, str]
"""Where something is wrong, and what to do."""
MAX_TEXT = 256 * 1024
"""Most characters of a document."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        place: Where in the document: `steps 2 (email), template`.
        line: Where in its text.
    """

    place: str
    said: str
    line: int | None = None

    def __str__(self) -> str:
        """Both, as one line."""
        return f"{self.place}: {self.said}" if self.place else self.said


class DocumentError(ValueError):
    """A document that cannot be taken; carries every fault found: where, and what to do."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults

    @classmethod
    def at(cls, said: Iterable[Said], document: Mapping[str, Any], text: str = "") -> Self:
        """The error of these faults; with the document's text it knows their lines."""
        return cls(*(Fault(place(loc, document), words, line(loc, text)) for loc, words in said))

    @classmethod
    def parse(cls, text: str, noun: str) -> dict[str, Any]:
        """The document in a TOML text, whatever it says; raises itself where it is none."""
        if len(text) > MAX_TEXT:
            raise cls(Fault("", f"{noun} has at most {MAX_TEXT} characters"))
        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise cls(Fault("", f"this is no TOML: {error}")) from None


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """That something is named which there is not, and what may have been meant."""
    near = get_close_matches(name, sorted(known), n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(known)[:12])}"
    return f"there is no {kind} {name[:60]}: {hint if known else f'make the {kind} first'}"


def words(error: Mapping[str, Any], page: str) -> str:
    """What one error of pydantic says.

    Args:
        error: As pydantic tells it.
        page: Where people read which fields there are.
    """
    if error["type"] == "extra_forbidden":
        return f"there is no such field: see {page} for those there are"
    return str(error["msg"]).removeprefix("Value error, ")


def place(loc: Loc, document: Mapping[str, Any]) -> str:
    """Where in the document, as people count: `quiet_hours 1 (nights), quiet`."""
    told: list[str] = []
    here: Any = document
    for step in loc:
        try:
            here = here[step]
        except (LookupError, TypeError):
            here = {}
        if isinstance(step, int):
            key = here.get("key") if isinstance(here, Mapping) else None
            told[-1] += f" {step + 1}" + (f" ({str(key)[:40]})" if key else "")
        else:
            told.append(str(step)[:60])
    return ", ".join(told)


def line(loc: Loc, text: str) -> int | None:
    """The line of a TOML text in which a value begins, else its table; none where it is nowhere.

    Good enough for what people write: a table below its header, a field a line.
    """
    lines = text.splitlines()
    start, stop, best = 0, _end(lines, -1), None
    for number, step in enumerate(loc):
        if isinstance(step, int):
            continue
        nth = loc[number + 1] if number + 1 < len(loc) else 0
        found = _header(lines, step, nth if isinstance(nth, int) else 0)
        if found is not None:
            start, stop = found, _end(lines, found)
            best = found
        elif (field := _field(lines[start:stop], step)) is not None:
            return start + field + 1
    return None if best is None else best + 1


def _header(lines: Sequence[str], name: str, nth: int) -> int | None:
    header = re.compile(rf"\s*\[\[?\s*{re.escape(name)}\s*\]\]?\s*(#.*)?")
    found = [number for number, text in enumerate(lines) if header.fullmatch(text)]
    return found[nth] if nth < len(found) else None


def _end(lines: Sequence[str], header: int) -> int:
    after = range(header + 1, len(lines))
    return next((one for one in after if lines[one].lstrip().startswith("[")), len(lines))


def _field(lines: Sequence[str], name: str) -> int | None:
    field = re.compile(rf"\s*\"?{re.escape(name)}\"?\s*=")
    return next((number for number, text in enumerate(lines) if field.match(text)), None)
