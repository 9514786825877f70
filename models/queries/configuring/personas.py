"""Personas: made-up people that templates are looked at with."""

import json
from datetime import datetime

from models.query import Query, count, records, sql
from models.records import Persona


def personas(template: str) -> Query[list[Persona]]:
    """Those of a template, then those for every template, by title."""
    return sql(
        """
        SELECT template, title, recipient, data FROM personas
         WHERE template IN (:template, '') ORDER BY template = '', title
        """,
        records(Persona),
        template=template,
    )


def save_persona(persona: Persona, by: str, now: datetime) -> Query[int]:
    """Keep a persona under its title; the one of that title before gives way."""
    return sql(
        """
        INSERT INTO personas (template, title, recipient, data, updated_at, updated_by)
        VALUES (:template, :title, CAST(:recipient AS jsonb), CAST(:data AS jsonb), :now, :by)
        ON CONFLICT (template, title) DO UPDATE
           SET recipient = excluded.recipient, data = excluded.data,
               updated_at = excluded.updated_at, updated_by = excluded.updated_by
        """,
        count,
        template=persona.template,
        title=persona.title,
        recipient=json.dumps(persona.recipient),
        data=json.dumps(persona.data),
        now=now,
        by=by,
    )


def forget_persona(template: str, title: str) -> Query[int]:
    """Take a persona out.

    Returns:
        1 when there was one, else 0.
    """
    return sql(
        "DELETE FROM personas WHERE template = :template AND title = :title",
        count,
        template=template,
        title=title,
    )
