"""What comes along to begin with: a layout, its pieces, and a mail for each usual occasion."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from delivery.templates.folder import Bundle, bundles_of
from models.records import Json, Persona, TemplateKind

_HERE = files(__package__)
_STARTERS, _ABOUT = _HERE / "starters", _HERE / "starters.toml"


@dataclass(frozen=True, slots=True)
class Starter:
    """A mail one can begin with.

    Attributes:
        purpose: What it is for, in one sentence.
        data: Of an event it can be looked at with.
    """

    bundle: Bundle
    purpose: str
    data: Json

    def example(self, template: str, recipient: Json) -> Persona:
        """Its example as a persona of the template that began with it."""
        return Persona(template, "Example", recipient, self.data)


@cache
def gallery() -> tuple[Bundle, ...]:
    """All of it, as it would be pushed."""
    found, faults = bundles_of(dict(_contents(_STARTERS, "")))
    if faults:
        raise ValueError("; ".join(map(str, faults)))
    return tuple(found)


@cache
def starters() -> tuple[Starter, ...]:
    """What one can begin with; the pieces they share come along."""
    about = tomllib.loads(_ABOUT.read_text("utf-8"))
    return tuple(
        Starter(each, **about[each.head.template])
        for each in gallery()
        if each.head.kind is TemplateKind.TEMPLATE
    )


def pieces() -> tuple[Bundle, ...]:
    """The layout, the footer and the macros that starters share."""
    return tuple(each for each in gallery() if each.head.kind is not TemplateKind.TEMPLATE)


def _contents(folder: Traversable, before: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in folder.iterdir():
        path = f"{before}{each.name}"
        found += _contents(each, f"{path}/") if each.is_dir() else [(path, each.read_bytes())]
    return found
