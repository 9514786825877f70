"""Publishing templates: what stands in the way, and a new version of what does not.

What is looked at is bound to the revisions of the drafts. They are looked at again before the
transaction that publishes begins, and in it they must still be the same.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from dashboard import settings
from dashboard.access import Permission
from dashboard.actions import Acting, RefusedError, acting
from dashboard.data import database
from delivery.publishing.apart import Judge
from delivery.publishing.findings import Finding
from delivery.publishing.proposing import drafted, proposed
from delivery.rendering.fill import prepare
from models.queries.configuring import drafts, publishing, templates
from models.queries.console.teams import Owned, owner_of
from models.readings.publishing import Publishable
from models.records import NewVersion, TemplateKind, TemplateVersion

_SHOWN = 3
"""Findings that an error tells of; the studio shows them all."""


@dataclass(frozen=True, slots=True)
class Look:
    """A template's drafts, and what there is to say of them.

    Attributes:
        texts: What it would say, by locale; not compiled yet.
    """

    there: Publishable
    texts: Mapping[str, TemplateVersion]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> list[Finding]:
        """What must be mended first."""
        return [finding for finding in self.findings if finding.blocks]

    @property
    def warnings(self) -> list[Finding]:
        """What whoever publishes must know."""
        return [finding for finding in self.findings if not finding.blocks]


@cache
def judge() -> Judge:
    """The process that looks at proposals."""
    return Judge()


def look(template: str) -> Look:
    """What publishing the drafts of a template would do, and what stands in the way.

    Raises:
        RefusedError: There is no such template, or nothing to publish.
    """
    with database().begin() as tx:
        there = tx.follow(publishing.publishable(template))
    if there is None or there.head.kind is not TemplateKind.TEMPLATE:
        raise RefusedError("There is no such template (any more).")
    if not there.drafts:
        raise RefusedError("There is no draft: change something, or somebody was faster.")
    texts = drafted(there)
    if there.head.locale not in texts:
        raise RefusedError(f"There are no words in {there.head.locale}: they serve everybody else.")
    proposal = proposed(there, texts, _addresses())
    return Look(there, texts, tuple(judge().findings(proposal)))


def _addresses() -> tuple[str, ...]:
    sets = settings.delivery()
    return sets.public_url, sets.tracking_url


def publish(by: UUID, template: str, revisions: Mapping[str, int], known: Collection[str]) -> int:
    """Make the drafts of a template its next version, and send that from now on.

    Args:
        by: Who acts.
        template: Its key.
        revisions: The drafts that were looked at, by locale.
        known: Marks of the warnings that whoever acts says they know.

    Returns:
        The number of the version.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Something stands in the way; it says what.
    """
    owner = owner_of(Owned.TEMPLATE, template)
    with acting(by, Permission.PUBLISH_TEMPLATES, owner):
        pass  # who may not is told so before anything is looked at
    seen = look(template)
    _hold_back(seen, known)
    with acting(by, Permission.PUBLISH_TEMPLATES, owner) as act:
        return _published(act, seen, revisions)


def _hold_back(seen: Look, known: Collection[str]) -> None:
    if seen.errors:
        raise RefusedError(f"Mend this first: {_told(seen.errors)}")
    if unknown := [warning for warning in seen.warnings if warning.mark not in known]:
        raise RefusedError(f"Say that you know of this, or mend it: {_told(unknown)}")


def _told(findings: list[Finding]) -> str:
    said = " ".join(finding.remark.said for finding in findings[:_SHOWN])
    more = len(findings) - _SHOWN
    return f"{said} And {more} more." if more > 0 else said


def _published(act: Acting, seen: Look, revisions: Mapping[str, int]) -> int:
    template = seen.there.head.template
    act.tx.run(templates.locked(template))
    now = {draft.locale: draft.revision for draft in act.tx.run(drafts.drafts(template))}
    if not (now == revisions == seen.there.revisions):
        raise RefusedError("Somebody changed or published it meanwhile: look at it again.")
    number = act.tx.run(templates.next_number(template))
    texts = tuple(_numbered(text, number) for text in seen.texts.values())
    new = NewVersion(seen.there.head, texts, act.by.email, act.now)
    act.tx.follow(publishing.publish_drafts(new, revisions, act.now))
    act.note("published a template", template, **_detail(seen, number))
    return number


def _numbered(text: TemplateVersion, number: int) -> TemplateVersion:
    return replace(prepare(text).version, version=number)


def _detail(seen: Look, number: int) -> dict[str, Any]:
    return {
        "before": seen.there.head.live_version,
        "after": number,
        "locales": sorted(seen.there.revisions),
        "warnings": [warning.mark for warning in seen.warnings],
    }
