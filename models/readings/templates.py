"""Templates and their versions, as lines of a list."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A template in a list, with the topics that use it."""

    template: str
    title: str
    channel: str
    live_version: int | None
    versions: int
    topics: list[str]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class VersionLine:
    """When a version was saved and by whom."""

    version: int
    created_at: datetime
    created_by: str
