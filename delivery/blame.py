"""What is wrong in a document that people wrote: where, and in which words. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Loc = Sequence[int | str]
"""The way to a value: names of tables and fields, and numbers in lists, from 0."""


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
