"""What stands in the way of publishing a template, and what whoever publishes must know."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from dashboard.actions import RefusedError
from dashboard.changing.proposals import Proposed, proposal_of
from delivery.publishing.apart import Judge
from delivery.publishing.findings import Finding
from delivery.publishing.pieces import broken
from delivery.rendering.saving import equipped
from models.readings.publishing import Publishable

_SHOWN = 3
"""Findings that an error tells of; the studio shows them all."""


@dataclass(frozen=True, slots=True)
class Look:
    """A template's drafts, and what there is to say of them."""

    proposed: Proposed
    findings: tuple[Finding, ...]

    @property
    def there(self) -> Publishable:
        """The template as it was."""
        return self.proposed.there

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
        RefusedError: There is no such template, it is archived, or there is nothing to publish.
    """
    proposed = _in_use(template)
    if not proposed.there.drafts:
        raise RefusedError("There is no draft: change something, or somebody was faster.")
    _check_default(proposed)
    return Look(proposed, tuple(_findings(proposed)))


def look_without(template: str, locale: str) -> Look:
    """What it would do to take a language out of what is live; of drafts nothing changes.

    The words that stay were looked at when they were published: only of a partial or layout is it
    told what this would break in those who use it.

    Raises:
        RefusedError: There is no such template, or it cannot do without this language.
    """
    there = _in_use(template)
    live = {text.locale: equipped(text, there.partials) for text in there.there.live}
    if locale not in live:
        raise RefusedError(f"Nothing is live in {locale} (any more).")
    if locale == there.there.head.locale or len(live) == 1:
        raise RefusedError(f"{locale} cannot go: it serves everybody else.")
    if locale in there.there.revisions:
        raise RefusedError(f"There is a draft in {locale}: publish it or throw it away first.")
    proposed = replace(there, texts={key: live[key] for key in live if key != locale})
    _check_default(proposed)
    found = _findings(proposed) if proposed.is_piece else ()
    return Look(proposed, tuple(finding for finding in found if finding.blocks))


def _in_use(template: str) -> Proposed:
    found = proposal_of(template)
    if found.there.head.archived:
        raise RefusedError("It is archived: bring it back first.")
    return found


def _check_default(proposed: Proposed) -> None:
    default = proposed.there.head.locale
    if default not in proposed.texts:
        raise RefusedError(f"There are no words in {default}: they serve everybody else.")


def _findings(proposed: Proposed) -> Iterator[Finding]:
    """What the gate says; of a partial or layout, what it would bring upon those who use it."""
    if not proposed.is_piece:
        yield from judge().findings(proposed.proposal)
        return
    wrong = [each for text in proposed.texts.values() for each in broken(text, proposed.pieces)]
    yield from wrong
    for template, before, after in proposed.in_users() if not wrong else ():
        yield from judge().new_findings(template, before, after)


def hold_back(seen: Look, known: Collection[str]) -> None:
    """Go on only if nothing must be mended, and every warning is known by its mark.

    Raises:
        RefusedError: It says what stands in the way.
    """
    if seen.errors:
        raise RefusedError(f"Mend this first: {_told(seen.errors)}")
    if unknown := [warning for warning in seen.warnings if warning.mark not in known]:
        raise RefusedError(f"Say that you know of this, or mend it: {_told(unknown)}")


def _told(findings: Sequence[Finding]) -> str:
    said = " ".join(finding.remark.said for finding in findings[:_SHOWN])
    more = len(findings) - _SHOWN
    return f"{said} And {more} more." if more > 0 else said
