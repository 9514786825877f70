"""What lies on somebody's desk in the studio: words being written, as plain data. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dashboard.showing.parts import parts_of
from models.records import TemplateDraft, TemplateVersion, Words
from models.storable import storable

_ALWAYS = frozenset({"subject", "source"})
"""Parts that are texts even when they are empty."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Words being written in one locale.

    Attributes:
        base: The version they were begun from.
        words: As they are written now.
        draft: As it was read or saved last; `None` when there is none.
        put: Counts how often words were put in from outside: editors take them on then.
        theirs: What somebody else saved meanwhile, until it is settled whose words go on.
    """

    base: TemplateVersion
    words: Words
    draft: TemplateDraft | None = None
    put: int = 0
    theirs: TemplateDraft | None = None

    @property
    def parts(self) -> Mapping[str, str]:
        """Part to its text; empty where there is none."""
        return {part.name: self.part(part.name) for part in parts_of(self.base.channel)}

    @property
    def kept(self) -> bool:
        """Whether the words are in the database, as a draft or as the version itself."""
        return self.words == (self.draft.words if self.draft else self.base.words)

    def part(self, name: str) -> str:
        """The text of a part."""
        return getattr(self.words, name) or ""

    def wanted(self, now: datetime, by: str) -> TemplateDraft:
        """The draft to save: over what was read last, which is theirs once it was shown."""
        base, over = self.base, self.theirs or self.draft
        revision = over.revision if over else 0
        begun = self.draft.base_version if self.draft else base.version or None
        return TemplateDraft(base.template, base.locale, self.words, revision, begun, now, by)


def opened(base: TemplateVersion, draft: TemplateDraft | None, put: int = 0) -> Sheet:
    """A sheet with the words of a draft, or else of the version."""
    return Sheet(base, draft.words if draft else base.words, draft, put)


def written(sheet: Sheet, part: str, text: str) -> Sheet:
    """The sheet with another text in a part; an optional part that is empty is none.

    What no text of the database can hold is written out.
    """
    text = storable(text).value
    said: dict[str, Any] = {part: text if part in _ALWAYS else text or None}
    return replace(sheet, words=replace(sheet.words, **said))


def refreshed(sheet: Sheet, there: TemplateDraft | None) -> Sheet:
    """The sheet once more, with what is in the database now.

    Words that are kept give way to newer ones. Those that are not stay on the sheet: saving them
    tells of the others.
    """
    known = sheet.draft.revision if sheet.draft else 0
    if (there.revision if there else 0) == known or not sheet.kept or sheet.theirs:
        return sheet
    return opened(sheet.base, there, sheet.put + 1)


def as_version(sheet: Sheet) -> TemplateVersion:
    """The sheet as a version that can be filled."""
    return worded(sheet.base, sheet.words)


def worded(version: TemplateVersion, words: Words) -> TemplateVersion:
    """A version with other words; it is compiled when it is filled."""
    return replace(
        version,
        subject=words.subject,
        source=words.source,
        preheader=words.preheader,
        text=words.text,
        url=words.url,
        compiled=None,
    )
