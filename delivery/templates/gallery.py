"""What comes along to begin with: a layout, its pieces, and a mail for each usual occasion."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from delivery.templates.folder import Bundle, bundles_of
from models.records import TemplateKind

_STARTERS = files(__package__) / "starters"


@cache
def gallery() -> tuple[Bundle, ...]:
    """All of it, as it would be pushed."""
    found, faults = bundles_of(dict(_contents(_STARTERS, "")))
    if faults:
        raise ValueError("; ".join(map(str, faults)))
    return tuple(found)


def starters() -> list[Bundle]:
    """What one can begin with; the pieces they share come along."""
    return [each for each in gallery() if each.head.kind is TemplateKind.TEMPLATE]


def _contents(folder: Traversable, before: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in folder.iterdir():
        path = f"{before}{each.name}"
        found += _contents(each, f"{path}/") if each.is_dir() else [(path, each.read_bytes())]
    return found
