"""The hashes of people's passwords."""

from datetime import datetime
from uuid import UUID

from models.query import Query, count, sql


def password_of(person: UUID) -> Query[str | None]:
    """The hash of somebody's password; `None` when they have none."""
    return sql(
        "SELECT hash FROM passwords WHERE person = :person",
        lambda result: result.scalar_one_or_none(),
        person=person,
    )


def set_password(person: UUID, hash_: str, now: datetime) -> Query[int]:
    """Keep the hash of somebody's new password."""
    return sql(
        """
        INSERT INTO passwords (person, hash, changed_at) VALUES (:person, :hash, :now)
        ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at
        """,
        count,
        person=person,
        hash=hash_,
        now=now,
    )


def rehash(person: UUID, before: str, after: str) -> Query[int]:
    """The same password under newer parameters, unless it was changed meanwhile."""
    return sql(
        "UPDATE passwords SET hash = :after WHERE person = :person AND hash = :before",
        count,
        person=person,
        before=before,
        after=after,
    )
