"""Publishing templates: what stands in the way, and a new version of what does not.

What is looked at is bound to the revisions of the drafts. They are looked at again before the
transaction that publishes begins, and in it they must still be the same.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.changing import approving
from dashboard.changing.approving import ApprovalNeededError
from dashboard.changing.judging import Look, hold_back, look, look_without
from dashboard.changing.reviewing import asked_of, used, whole
from delivery.approving import covers
from delivery.rendering.saving import remade
from models.people import Person
from models.queries.configuring import drafts, publishing, templates
from models.queries.configuring.partials import publish_partial
from models.queries.console.teams import Owned, owner_of
from models.records import Approval, Ask, NewVersion, TemplateVersion

__all__ = ["ApprovalNeededError", "NotAllowedError", "RefusedError"]
_OVERTAKEN = "Somebody changed or published it meanwhile: look at it again."


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
    with _sound(by, template, lambda: _drafted(template, revisions), known) as (act, seen):
        texts = whole(seen.proposed)
        if _reaches(seen):
            approving.require(act, asked_of(seen.proposed, texts))
        number = _keep(act, seen, texts, revisions)
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
    with _sound(by, template, lambda: _drafted(template, revisions), known) as (act, seen):
        if not _reaches(seen):
            raise RefusedError("Nothing that is live uses it, so it needs no approval: publish it.")
        return approving.ask_for(act, _ask(seen), note)


def take_out(by: UUID, template: str, locale: str, why: str) -> int:
    """Send a template in one language less from now on: a new version in the other words.

    Returns:
        The number of the version.

    Raises:
        NotAllowedError: The one who acts may not.
        ApprovalNeededError: Somebody else has to look first.
        RefusedError: It cannot do without this language, or somebody was faster.
    """
    with _sound(by, template, lambda: look_without(template, locale)) as (act, seen):
        texts = whole(seen.proposed)
        if _reaches(seen):
            approving.require(act, _ask_without(seen, locale))
        number = _keep(act, seen, texts, {})
        before = seen.there.head.live_version
        if before is not None:
            act.tx.run(drafts.rebase_drafts(template, before, number, act.now))
        act.note(
            "took a language out", template, before=before, after=number, why=why.strip(),
            locale=locale,
        )  # fmt: skip
        return number


def ask_to_take_out(by: UUID, template: str, locale: str, note: str) -> UUID:
    """Ask for approval of `take_out`.

    Returns:
        The id of the ask.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It cannot do without this language, or needs no approval.
    """
    with _sound(by, template, lambda: look_without(template, locale)) as (act, seen):
        return approving.ask_for(act, _ask_without(seen, locale), note)


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
    by: UUID, template: str, looked: Callable[[], Look], known: Collection[str] = ()
) -> Iterator[tuple[Acting, Look]]:
    """A transaction in which nothing stands in the way, and all is as it was looked at."""
    owner = owner_of(Owned.TEMPLATE, template)
    with acting(by, Permission.PUBLISH_TEMPLATES, owner):
        pass  # who may not is told so before anything is looked at
    seen = looked()
    hold_back(seen, known)
    with acting(by, Permission.PUBLISH_TEMPLATES, owner) as act:
        there = act.tx.run(templates.locked(template)).get(template)
        now = {draft.locale: draft.revision for draft in act.tx.run(drafts.drafts(template))}
        if there != seen.there.head or now != seen.there.revisions:
            raise RefusedError(_OVERTAKEN)
        _hold_users(act, seen)
        yield act, seen


def _drafted(template: str, revisions: Mapping[str, int]) -> Look:
    seen = look(template)
    if seen.there.revisions != revisions:
        raise RefusedError(_OVERTAKEN)
    return seen


def _keep(
    act: Acting, seen: Look, texts: Sequence[TemplateVersion], revisions: Mapping[str, int]
) -> int:
    """Send these words from now on, and throw away the drafts they were made of."""
    template = seen.there.head.template
    number = act.tx.run(templates.next_number(template))
    kept = tuple(replace(text, version=number) for text in texts)
    new = NewVersion(seen.there.head, kept, act.by.email, act.now)
    if seen.proposed.is_piece:
        act.tx.follow(publish_partial(new, remade))
        act.tx.follow(publishing.discard(template, revisions))
    else:
        act.tx.follow(publishing.publish_drafts(new, revisions, act.now))
    return number


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


def _ask(seen: Look) -> Ask:
    return asked_of(seen.proposed, whole(seen.proposed))


def _ask_without(seen: Look, locale: str) -> Ask:
    """Of its own, so that it ends nothing that is asked for the drafts."""
    return replace(_ask(seen), subject=f"{seen.there.head.template} without {locale}")


def _detail(seen: Look, number: int) -> dict[str, Any]:
    return {
        "before": seen.there.head.live_version,
        "after": number,
        "locales": sorted(seen.there.revisions),
        "warnings": [warning.mark for warning in seen.warnings],
    } | (
        {"touched": sorted(used(seen.proposed).get("users", ()))} if seen.proposed.is_piece else {}
    )
