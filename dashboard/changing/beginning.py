"""Templates that begin: from given words, or from a starter with the pieces it shares."""

import re
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.changing.drafting import language
from dashboard.changing.teams import hand_over
from delivery.publishing.cases import ANNA
from delivery.rendering.saving import remade
from delivery.templates.gallery import Starter, pieces
from models.queries.configuring import drafts, personas, templates
from models.queries.configuring.partials import publish_partial
from models.queries.console.teams import Owned
from models.records import NewVersion, TemplateDraft, TemplateHead, Words

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
__all__ = ["NotAllowedError", "RefusedError"]


def create(by: UUID, head: TemplateHead, words: Words, team: str | None = None) -> None:
    """Make a template of which there is nothing yet but a draft, and which a team owns.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Its key is none, or taken; or it has no title.
    """
    head = _checked(replace(head, locale=language(head.locale)))
    with acting(by, Permission.EDIT_TEMPLATES, team) as act:
        _make(act, head, {head.locale: words}, team)


def from_starter(by: UUID, head: TemplateHead, starter: Starter, team: str | None = None) -> None:
    """Make a template with the words of a starter, as drafts in each of its languages.

    The layout and the pieces it shares come along where they are not there yet: nothing that is
    live includes them, so nobody's mail changes. Its example is kept as a persona.

    Args:
        by: Who acts.
        head: Its key and its title; the rest is the starter's.
        starter: What it begins with.
        team: Who owns it; `None`: the installation.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Its key is none, or taken; it has no title; or a piece of it is archived.
    """
    said = starter.bundle
    head = _checked(replace(said.head, template=head.template, title=head.title))
    with acting(by, Permission.EDIT_TEMPLATES, team) as act:
        _make(act, head, said.words, team)
        _bring_pieces(act)
        example = starter.example(head.template, ANNA)
        act.tx.run(personas.save_persona(example, act.by.email, act.now))


def _checked(head: TemplateHead) -> TemplateHead:
    if not _KEY.fullmatch(head.template):
        raise RefusedError("A key begins with a letter or digit; letters, digits, _ . - follow.")
    if not head.title.strip():
        raise RefusedError("Give it a title.")
    return replace(head, live_version=None)


def _make(act: Acting, head: TemplateHead, words: Mapping[str, Words], team: str | None) -> None:
    if there := act.tx.run(templates.locked(head.template)).get(head.template):
        also = ", archived: bring it back, or" if there.archived else ":"
        raise RefusedError(f"There is a template {head.template} already{also} give another key.")
    act.tx.run(templates.save_head(head, act.now))
    for locale, said in words.items():
        draft = TemplateDraft(head.template, locale, said, 0, None, act.now, act.by.email)
        act.tx.follow(drafts.save_draft(draft))
    act.note(f"made a {head.kind}", head.template, title=head.title, channel=head.channel)
    if team is not None:
        hand_over(act, Owned.TEMPLATE, head.template, team)


def _bring_pieces(act: Acting) -> None:
    there = act.tx.run(templates.heads())
    for bundle in pieces():
        key = bundle.head.template
        if key in there and there[key].archived:
            raise RefusedError(f"Starters need {key}, which is archived: bring it back first.")
        if key not in there:
            texts = tuple(replace(text, version=1) for text in bundle.texts)
            new = NewVersion(bundle.head, texts, act.by.email, act.now)
            act.tx.follow(publish_partial(new, remade))
            act.note("published a template", key, after=1, why="It came along with a starter.")
