"""What lies on somebody's desk in the studio: words being written, as plain data. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashboard.showing.parts import parts_of
from models.records import TemplateVersion


@dataclass(frozen=True, slots=True)
class Sheet:
    """Words being written.

    Attributes:
        base: The version they were begun from.
        parts: Part to its text; empty where there is none.
        put: Counts how often a text was put in from outside: editors take it on then.
    """

    base: TemplateVersion
    parts: Mapping[str, str]
    put: int = 0

    @property
    def changed(self) -> bool:
        """Whether they say something else than the version they were begun from."""
        return dict(self.parts) != written(self.base)


def opened(version: TemplateVersion, put: int = 0) -> Sheet:
    """A sheet with the words of a version."""
    return Sheet(version, written(version), put)


def written(version: TemplateVersion) -> dict[str, str]:
    """A version's parts as texts."""
    return {part.name: getattr(version, part.name) or "" for part in parts_of(version.channel)}


def as_version(sheet: Sheet) -> TemplateVersion:
    """The sheet as a version that can be filled; it is compiled then."""
    said = sheet.parts
    return replace(
        sheet.base,
        subject=said.get("subject", ""),
        source=said["source"],
        preheader=said.get("preheader") or None,
        text=said.get("text") or None,
        url=said.get("url") or None,
        compiled=None,
    )
