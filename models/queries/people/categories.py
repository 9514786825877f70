"""Categories of topics, and what organisations want for their people."""

import json
from dataclasses import dataclass
from datetime import datetime

from models.query import Answer, Query, count, rows, sql
from models.records import Category


def categories() -> Query[dict[str, Category]]:
    """The categories that are described, in the order in which people read them."""

    def found(result: Answer) -> dict[str, Category]:
        return {row[0]: Category(*row) for row in rows(result)}

    return sql(
        """
        SELECT category, title, description, position, defaults FROM categories
         ORDER BY position, title, category
        """,
        found,
    )


def save_category(category: Category, now: datetime) -> Query[int]:
    """Describe a category, whole; the same again changes nothing.

    Returns:
        1 when something changed, else 0.
    """
    return sql(
        """
        INSERT INTO categories AS c
            (category, title, description, position, defaults, updated_at)
        VALUES (:key, :title, :description, :position, CAST(:defaults AS jsonb), :now)
        ON CONFLICT (category) DO UPDATE
           SET title = excluded.title, description = excluded.description,
               position = excluded.position, defaults = excluded.defaults,
               updated_at = excluded.updated_at
         WHERE (c.title, c.description, c.position, c.defaults) IS DISTINCT FROM
               (excluded.title, excluded.description, excluded.position, excluded.defaults)
        """,
        count,
        key=category.key,
        title=category.title,
        description=category.description,
        position=category.position,
        defaults=json.dumps(dict(category.defaults)),
        now=now,
    )


def drop_category(key: str) -> Query[int]:
    """Forget what a category is called and its defaults; its topics and choices stay."""
    return sql("DELETE FROM categories WHERE category = :key", count, key=key)


@dataclass(frozen=True, slots=True)
class OrgChoice:
    """What an organisation wants for its people; `None` takes the default back."""

    org: str
    category: str
    channel: str
    allowed: bool | None


def set_org_preference(choice: OrgChoice, by: str, now: datetime) -> Query[int]:
    """Keep an organisation's default, or take it back; the same again changes nothing.

    Returns:
        1 when something changed, else 0.
    """
    said = {"org": choice.org, "category": choice.category, "channel": choice.channel}
    if choice.allowed is None:
        return sql(
            """
            DELETE FROM org_preferences
             WHERE org = :org AND category = :category AND channel = :channel
            """,
            count,
            **said,
        )
    return sql(
        """
        INSERT INTO org_preferences AS p (org, category, channel, allowed, changed_at, changed_by)
        VALUES (:org, :category, :channel, :allowed, :now, :by)
        ON CONFLICT (org, category, channel) DO UPDATE
           SET allowed = excluded.allowed, changed_at = excluded.changed_at,
               changed_by = excluded.changed_by
         WHERE p.allowed <> excluded.allowed
        """,
        count,
        **said,
        allowed=choice.allowed,
        by=by,
        now=now,
    )


def orgs_choose() -> Query[bool]:
    """Whether any organisation has a default of its own."""
    return sql(
        "SELECT EXISTS (SELECT FROM org_preferences)", lambda result: bool(result.scalar_one())
    )
