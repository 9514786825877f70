"""What recipients chose."""

from dataclasses import dataclass
from datetime import datetime

from models.ids import bucket_of
from models.query import Query, count, sql


@dataclass(frozen=True, slots=True)
class Preference:
    """A recipient's choice for one category on one channel; channel `*` is every one."""

    recipient_id: str
    category: str
    channel: str
    allowed: bool
    changed_by: str


def set_preference(preference: Preference, now: datetime) -> Query[int]:
    """Keep a choice; the same choice again changes nothing, not even who made it and when.

    Returns:
        1 when something changed, else 0.
    """
    return sql(
        """
        INSERT INTO preferences AS p
            (bucket, recipient_id, category, channel, allowed, changed_at, changed_by)
        VALUES (:bucket, :id, :category, :channel, :allowed, :now, :by)
        ON CONFLICT (bucket, recipient_id, category, channel) DO UPDATE
           SET allowed = excluded.allowed, changed_at = excluded.changed_at,
               changed_by = excluded.changed_by
         WHERE p.allowed <> excluded.allowed
        """,
        count,
        bucket=bucket_of(preference.recipient_id),
        id=preference.recipient_id,
        category=preference.category,
        channel=preference.channel,
        allowed=preference.allowed,
        by=preference.changed_by,
        now=now,
    )


def titles_in(category: str, limit: int) -> Query[list[str]]:
    """Titles of the topics of a category that people may turn off."""
    return sql(
        """
        SELECT title FROM topics WHERE category = :category AND NOT mandatory
         ORDER BY title LIMIT :limit
        """,
        lambda result: list(result.scalars()),
        category=category,
        limit=limit,
    )
