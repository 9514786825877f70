"""Templates and their versions, as lines of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.records import UNDETERMINED, TemplateKind


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A template in a list, with the topics that use it.

    Attributes:
        locale: The default of its next version.
        team: Who owns it; `None`: the installation.
        draft_at: When one of its drafts was saved last; `None` when there is none.
        users: Of a partial or layout: what includes it, as it is live.
        archived_at: Since when nothing may use it; `None`: it is in the lists.
    """

    template: str
    title: str
    channel: str
    live_version: int | None
    versions: int
    topics: list[str]
    updated_at: datetime
    locale: str = UNDETERMINED
    team: str | None = None
    draft_at: datetime | None = None
    kind: TemplateKind = TemplateKind.TEMPLATE
    users: Sequence[str] = ()
    archived_at: datetime | None = None

    @property
    def is_piece(self) -> bool:
        """Whether it is a partial or a layout, which is never sent by itself."""
        return self.kind != TemplateKind.TEMPLATE


@dataclass(frozen=True, slots=True)
class VersionLine:
    """When a version was saved and by whom."""

    version: int
    created_at: datetime
    created_by: str
