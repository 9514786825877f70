"""What lies on somebody's desk in the wizard: a campaign being written, as plain data. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from delivery.blame import Said
from delivery.campaigns.document import CampaignError, as_document, formed, misread
from models.records import Campaign

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A campaign being written.

    Attributes:
        base: The campaign as it was read or saved last; `None`: there is none yet.
        document: As it is written now.
        put: Counts how often a document was put in from outside: fields begin anew then.
        theirs: What somebody else saved meanwhile, until it is settled whose words go on.
    """

    base: Campaign | None
    document: Document
    put: int = 0
    theirs: Campaign | None = None

    @property
    def revision(self) -> int | None:
        """The revision to save over: what was read last, which is theirs once it was shown."""
        over = self.theirs or self.base
        return None if over is None else over.revision


def canonical(sheet: Sheet) -> dict[str, Any] | None:
    """What of a sheet can be kept, as it is kept; `None`: it lacks what every draft has."""
    before = {} if sheet.base is None else sheet.base.document
    kept = sound(sheet.document, before, misread(sheet.document))
    try:
        return as_document(formed(kept))
    except CampaignError:
        return None


def is_kept(sheet: Sheet) -> bool:
    """Whether all of it that can be kept is in the database."""
    return sheet.base is not None and canonical(sheet) == dict(sheet.base.document)


def opened(base: Campaign | None, begun: Document, put: int = 0) -> Sheet:
    """A sheet with what a campaign says, or with what a new one begins with."""
    return Sheet(base, begun if base is None else base.document, put)


def refreshed(sheet: Sheet, there: Campaign) -> Sheet:
    """The sheet once more, with what is in the database now.

    What is kept gives way to what is newer. What is not stays on the sheet, beside theirs.
    """
    if sheet.base is None or sheet.theirs or there.revision == sheet.base.revision:
        return sheet
    if is_kept(sheet):
        return opened(there, there.document, sheet.put + 1)
    return replace(sheet, theirs=there)


def settled(sheet: Sheet, theirs: Campaign | None) -> Sheet:
    """The sheet after it was said whose words go on: `theirs`, else its own over theirs."""
    if theirs is not None:
        return opened(theirs, theirs.document, sheet.put + 1)
    return replace(sheet, base=sheet.theirs or sheet.base, theirs=None)


def sound(document: Document, before: Document, wrong: Collection[Said]) -> dict[str, Any]:
    """What can be kept: tables of which a field is wrong stay as they were.

    Args:
        document: As the fields say it.
        before: As it was kept last.
        wrong: What has no right form, with the way to it.
    """
    names = {str(loc[0]) for loc, _ in wrong if loc}
    kept = {name: value for name, value in document.items() if name not in names}
    return kept | {name: before[name] for name in names if name in before}
