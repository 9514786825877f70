"""Personas: made-up people to look at templates with, kept for everybody who writes them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError, acting
from dashboard.data import database
from models.queries.configuring import personas
from models.queries.console.teams import Owned, owner_of
from models.records import Persona
from models.storable import storable

__all__ = ["NotAllowedError", "RefusedError"]
LONGEST_TITLE = 80


def of_template(template: str) -> list[Persona]:
    """Those of a template, and those for all."""
    with database().begin() as tx:
        return tx.run(personas.personas(template))


def save(by: UUID, persona: Persona) -> None:
    """Keep a persona; one of the same title gives way.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It has no title, is nobody, or is too large.
    """
    _check(persona.title.strip(), persona.recipient, persona.data)
    with acting(by, Permission.EDIT_TEMPLATES, owner_of(Owned.TEMPLATE, persona.template)) as act:
        act.tx.run(personas.save_persona(persona, act.by.email, act.now))
        act.note("saved a persona", persona.template or "every template", title=persona.title)


def forget(by: UUID, template: str, title: str) -> None:
    """Take a persona out.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is gone already.
    """
    with acting(by, Permission.EDIT_TEMPLATES, owner_of(Owned.TEMPLATE, template)) as act:
        if not act.tx.run(personas.forget_persona(template, title)):
            raise RefusedError("Somebody was faster: it is gone already.")
        act.note("took a persona out", template or "every template", title=title)


def _check(title: str, recipient: Mapping[str, Any], data: Any) -> None:
    if not title or len(title) > LONGEST_TITLE:
        raise RefusedError(f"Give it a title of at most {LONGEST_TITLE} characters.")
    if not recipient.get("id"):
        raise RefusedError('The recipient needs an "id".')
    try:
        problem = storable([title, dict(recipient), data]).problem
    except ValueError as error:
        raise RefusedError(f"It is {error}.") from None
    if problem:
        raise RefusedError(problem)
