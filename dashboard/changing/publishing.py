"""Publishing templates: what stands in the way, and a new version of what does not.

What is looked at is bound to the revisions of the drafts. They are looked at again before the
transaction that publishes begins, and in it they must still be the same.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.changing import approving
from dashboard.changing.approving import ApprovalNeededError
from dashboard.changing.proposals import Proposed, proposal_of
from dashboard.changing.reviewing import asked_of, used, whole
from delivery.approving import covers
from delivery.publishing.apart import Judge
from delivery.publishing.findings import Finding
from delivery.publishing.pieces import broken
from delivery.rendering.saving import remade
from models.people import Person
from models.queries.configuring import drafts, publishing, templates
from models.queries.configuring.partials import publish_partial
from models.queries.console.teams import Owned, owner_of
from models.readings.publishing import Publishable
from models.records import Approval, Ask, NewVersion

_SHOWN = 3
"""Findings that an error tells of; the studio shows them all."""


__all__ = ["ApprovalNeededError", "Look", "NotAllowedError", "RefusedError"]


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
    proposed = proposal_of(template)
    there = proposed.there
    if there.head.archived:
        raise RefusedError("It is archived: bring it back first.")
    if not there.drafts:
        raise RefusedError("There is no draft: change something, or somebody was faster.")
    if there.head.locale not in proposed.texts:
        raise RefusedError(f"There are no words in {there.head.locale}: they serve everybody else.")
    return Look(proposed, tuple(_findings(proposed)))


def _findings(proposed: Proposed) -> Iterator[Finding]:
    """What the gate says; of a partial or layout, what it would bring upon those who use it."""
    if not proposed.is_piece:
        yield from judge().findings(proposed.proposal)
        return
    wrong = [each for text in proposed.texts.values() for each in broken(text, proposed.pieces)]
    yield from wrong
    for template, before, after in proposed.in_users() if not wrong else ():
        yield from judge().new_findings(template, before, after)


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
        ApprovalNeededError: Somebody else has to look first.
        RefusedError: Something stands in the way; it says what.
    """
    with _sound(by, template, revisions, known) as (act, seen):
        texts = whole(seen.proposed)
        if _reaches(seen):
            approving.require(act, asked_of(seen.proposed, texts))
        number = act.tx.run(templates.next_number(template))
        kept = tuple(replace(text, version=number) for text in texts)
        new = NewVersion(seen.there.head, kept, act.by.email, act.now)
        if seen.proposed.is_piece:
            act.tx.follow(publish_partial(new, remade))
            act.tx.follow(publishing.discard(template, revisions))
        else:
            act.tx.follow(publishing.publish_drafts(new, revisions, act.now))
        act.note("published a template", template, **_detail(seen, number))
        return number


def ask(
    by: UUID, template: str, revisions: Mapping[str, int], known: Collection[str], note: str
) -> UUID:
    """Ask for approval of the drafts of a template; the arguments are those of `publish`.

    Returns:
        The id of the ask.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Something stands in the way, or it needs no approval.
    """
    with _sound(by, template, revisions, known) as (act, seen):
        if not _reaches(seen):
            raise RefusedError("Nothing that is live uses it, so it needs no approval: publish it.")
        return approving.ask_for(act, _ask(seen), note)


def needs_approval(by: Person, seen: Look) -> bool:
    """Whether somebody else has to look before these drafts are published."""
    return not seen.errors and _reaches(seen) and approving.is_needed(by, _ask(seen))


def asked(approval: Approval) -> Look | None:
    """The drafts that somebody asked to publish; `None`: they are not those any more."""
    try:
        seen = look(approval.subject)
    except RefusedError:
        return None
    if seen.errors:
        return seen
    return seen if covers(approval, _ask(seen)) else None


@contextmanager
def _sound(
    by: UUID, template: str, revisions: Mapping[str, int], known: Collection[str]
) -> Iterator[tuple[Acting, Look]]:
    """A transaction in which nothing stands in the way, and the drafts are those looked at."""
    owner = owner_of(Owned.TEMPLATE, template)
    with acting(by, Permission.PUBLISH_TEMPLATES, owner):
        pass  # who may not is told so before anything is looked at
    seen = look(template)
    _hold_back(seen, known)
    with acting(by, Permission.PUBLISH_TEMPLATES, owner) as act:
        there = act.tx.run(templates.locked(template)).get(template)
        now = {draft.locale: draft.revision for draft in act.tx.run(drafts.drafts(template))}
        if there != seen.there.head or not (now == revisions == seen.there.revisions):
            raise RefusedError("Somebody changed or published it meanwhile: look at it again.")
        _hold_users(act, seen)
        yield act, seen


def _hold_users(act: Acting, seen: Look) -> None:
    """Keep the templates that use a piece as they were looked at; who acts may publish each."""
    users = seen.proposed.users
    now = {user.template for user in act.tx.run(templates.used_by(seen.there.head.template))}
    for user in users:
        act.demand(Permission.PUBLISH_TEMPLATES, user.team)
        there = act.tx.run(templates.locked(user.head.template))
        if there != {user.head.template: user.head}:
            now.clear()
    if now != {user.head.template for user in users}:
        raise RefusedError("What uses it was changed meanwhile: look at it again.")


def _reaches(seen: Look) -> bool:
    """Whether people get other words by it: a piece that nothing uses is never sent."""
    return bool(seen.proposed.users) or not seen.proposed.is_piece


def _hold_back(seen: Look, known: Collection[str]) -> None:
    if seen.errors:
        raise RefusedError(f"Mend this first: {_told(seen.errors)}")
    if unknown := [warning for warning in seen.warnings if warning.mark not in known]:
        raise RefusedError(f"Say that you know of this, or mend it: {_told(unknown)}")


def _told(findings: Sequence[Finding]) -> str:
    said = " ".join(finding.remark.said for finding in findings[:_SHOWN])
    more = len(findings) - _SHOWN
    return f"{said} And {more} more." if more > 0 else said


def _ask(seen: Look) -> Ask:
    return asked_of(seen.proposed, whole(seen.proposed))


def _detail(seen: Look, number: int) -> dict[str, Any]:
    return {
        "before": seen.there.head.live_version,
        "after": number,
        "locales": sorted(seen.there.revisions),
        "warnings": [warning.mark for warning in seen.warnings],
    } | (
        {"touched": sorted(used(seen.proposed).get("users", ()))} if seen.proposed.is_piece else {}
    )
