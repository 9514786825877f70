"""Drafts of templates: read, saved while somebody writes, thrown away, begun from old words.

A draft is saved at each pause, so the audit tells when somebody takes one up, not of each save:
what is published is told whole.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.data import database
from delivery.rendering.locales import known
from models.queries.configuring import drafts, templates
from models.queries.configuring.drafts import StaleError
from models.queries.console.teams import Owned, owner_of
from models.records import TemplateDraft, TemplateHead, TemplateVersion, Words

__all__ = ["NotAllowedError", "RefusedError", "StaleError"]


def of_template(template: str) -> dict[str, TemplateDraft]:
    """Its drafts by locale."""
    with database().begin() as tx:
        return {draft.locale: draft for draft in tx.run(drafts.drafts(template))}


def texts(template: str, number: int) -> list[TemplateVersion]:
    """What a version says in each locale, its default first."""
    with database().begin() as tx:
        return tx.run(templates.texts(template, number))


def live_words(template: str) -> Words:
    """What a template says now, in its default locale.

    Raises:
        RefusedError: Nothing of it was published.
    """
    with database().begin() as tx:
        live = tx.run(templates.live()).get(template)
        said = tx.run(templates.texts(template, live.version)) if live else []
    if not said:
        raise RefusedError(f"Nothing of {template} was published yet.")
    return said[0].words


def save(by: UUID, wanted: TemplateDraft) -> TemplateDraft:
    """Save a draft over the revision it was made from; 0: there was none.

    Raises:
        NotAllowedError: The one who acts may not (any more).
        StaleError: Somebody else saved meanwhile; it holds what they wrote.
    """
    with acting(by, Permission.EDIT_TEMPLATES, owner_of(Owned.TEMPLATE, wanted.template)) as act:
        before = act.tx.run(drafts.draft(wanted.template, wanted.locale))
        signed = replace(wanted, updated_at=act.now, updated_by=act.by.email)
        saved = act.tx.follow(drafts.save_draft(signed))
        if not before or before[0].updated_by != act.by.email:
            act.note(
                "took up a draft", wanted.template, locale=wanted.locale, revision=saved.revision,
                before=before[0].updated_by if before else None,
            )  # fmt: skip
        return saved


def discard(by: UUID, draft: TemplateDraft) -> None:
    """Throw a draft away, as it was read.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Somebody saved it meanwhile, or it is gone.
    """
    with acting(by, Permission.EDIT_TEMPLATES, owner_of(Owned.TEMPLATE, draft.template)) as act:
        if not act.tx.run(drafts.discard_draft(draft.template, draft.locale, draft.revision)):
            raise RefusedError("Somebody saved or published it meanwhile: look at it again.")
        act.note(
            "threw a draft away", draft.template, locale=draft.locale, revision=draft.revision,
            by=draft.updated_by,
        )  # fmt: skip


def take_back(by: UUID, template: str, number: int) -> None:
    """Make the words of an older version drafts, which the gate then publishes as a new one.

    Done twice, nothing changes.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: There is no such version, or a draft says something else already.
    """
    with acting(by, Permission.EDIT_TEMPLATES, owner_of(Owned.TEMPLATE, template)) as act:
        act.tx.run(templates.locked(template))
        old = act.tx.run(templates.texts(template, number))
        there = {draft.locale: draft for draft in act.tx.run(drafts.drafts(template))}
        _check_free(old, there)
        for text in old:
            act.tx.follow(drafts.save_draft(_begun(text, act.by.email, act.now)))
        if not there:
            act.note("took old words up again", template, version=number)


def translate(by: UUID, template: str, wanted: str) -> str:
    """Begin a template in one more language, with the words of its default one.

    Returns:
        The language in the one way of writing it.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is no language, there are words in it already, or none to begin with.
    """
    locale = language(wanted)
    with acting(by, Permission.EDIT_TEMPLATES, owner_of(Owned.TEMPLATE, template)) as act:
        head = act.tx.run(templates.locked(template)).get(template)
        if head is None:
            raise RefusedError("There is no such template (any more).")
        said = _said(act, head)
        if locale in said:
            raise RefusedError(f"There are words in {locale} already: choose them to change them.")
        if head.locale not in said:
            raise RefusedError(f"There are no words in {head.locale} to begin with.")
        begun = (template, locale, said[head.locale], 0, head.live_version, act.now, act.by.email)
        act.tx.follow(drafts.save_draft(TemplateDraft(*begun)))
        act.note("added a language", template, locale=locale)
        return locale


def rename(by: UUID, template: str, title: str) -> None:
    """Give a template another title; its key stays.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is no title, or there is no such template.
    """
    if not title.strip():
        raise RefusedError("Give it a title.")
    with acting(by, Permission.EDIT_TEMPLATES, owner_of(Owned.TEMPLATE, template)) as act:
        head = act.tx.run(templates.locked(template)).get(template)
        if head is None:
            raise RefusedError("There is no such template (any more).")
        act.tx.run(templates.save_head(replace(head, title=title.strip()), act.now))
        act.note("renamed a template", template, before=head.title, after=title.strip())


def _said(act: Acting, head: TemplateHead) -> dict[str, Words]:
    """The words of a template by locale: those of its drafts, else those that are live."""
    live = act.tx.run(templates.texts(head.template, head.live_version or 0))
    drafted = act.tx.run(drafts.drafts(head.template))
    return {text.locale: text.words for text in live} | {one.locale: one.words for one in drafted}


def language(wanted: str) -> str:
    """A language in the one way of writing it.

    Raises:
        RefusedError: It is none.
    """
    locale = known(wanted)
    if locale is None:
        raise RefusedError(f"{wanted!r} is no language: write it like en or pt-BR.")
    return locale


def _check_free(old: list[TemplateVersion], there: dict[str, TemplateDraft]) -> None:
    if not old:
        raise RefusedError("There is no such version.")
    said = {text.locale: text.words for text in old}
    if any(said.get(draft.locale) != draft.words for draft in there.values()):
        raise RefusedError("There is a draft: publish it or throw it away first.")


def _begun(text: TemplateVersion, by: str, now: datetime) -> TemplateDraft:
    return TemplateDraft(text.template, text.locale, text.words, 0, text.version, now, by)
