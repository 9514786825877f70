"""What a pre-flight looked at: it is stale as soon as any of it is another. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Basis:
    """What a campaign's forecast was made of.

    Attributes:
        revision: The document's.
        audience: The version of the audience it names; `None`: it lists its people.
        templates: Template to the version that was live.
    """

    revision: int
    audience: int | None
    templates: Mapping[str, int]

    def as_document(self) -> dict[str, Any]:
        """It, as JSON says it."""
        return asdict(self)


def stale(stored: Mapping[str, Any], now: Basis) -> Iterator[str]:
    """What changed since a forecast was made, as parts of a sentence; nothing: it still holds.

    Args:
        stored: A forecast's document; of one that does not say what it was made of all may have.
        now: What it would be made of now.
    """
    made = stored.get("basis", {})
    if made.get("revision") != now.revision:
        yield "its document"
    if made.get("audience") != now.audience:
        yield "its audience"
    if made.get("templates") != now.templates:
        yield "a template"
