"""The parts of a template that are written one by one, and which of them a problem is in. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from delivery.errors import Problem
from delivery.publishing.parts import parted


@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    Attributes:
        name: Its field in a version, and how problems call it.
        title: What people call it.
        language: As the editor knows it.
    """

    name: str
    title: str
    language: str = "jinja"
    one_line: bool = False


_MAIL = (
    Part("source", "Source", "mjml"),
    Part("subject", "Subject", one_line=True),
    Part("preheader", "Preheader", one_line=True),
    Part("text", "Plain text"),
)
_CARD = (
    Part("source", "Text"),
    Part("subject", "Title", one_line=True),
    Part("url", "Link", one_line=True),
)
_BY_CHANNEL = {"email": _MAIL, "sms": (Part("source", "Text"),)}


def parts_of(channel: str, *, piece: bool = False) -> tuple[Part, ...]:
    """What is written for a channel, its source first; of a partial or layout nothing else."""
    if piece:
        return parts_of(channel)[:1]
    return _BY_CHANNEL.get(channel, _CARD)


@dataclass(frozen=True, slots=True)
class Placed:
    """A problem in a line of a part."""

    part: Part
    line: int
    message: str


def placed(problems: Iterable[Problem], channel: str) -> list[Placed]:
    """Each problem in its part; in the source where that part is not written for the channel."""
    parts = {part.name: part for part in parts_of(channel)}
    said = [(problem.line, *parted(problem.message)) for problem in problems]
    return [Placed(parts.get(name, parts["source"]), line, words) for line, name, words in said]


def placed_in(piece: str, problems: Iterable[Problem], channel: str) -> list[Placed]:
    """Each problem of a piece in its line; those elsewhere in what shows it, in the first one."""
    inside = re.compile(rf"(?:\w+: )?in {re.escape(piece)}, line (\d+): (.*)", re.DOTALL)
    source, found = parts_of(channel)[0], []
    for problem in problems:
        within = inside.fullmatch(problem.message)
        place = (
            (int(within[1]), within[2]) if within else (1, f"where it is shown: {problem.message}")
        )
        found.append(Placed(source, *place))
    return found
