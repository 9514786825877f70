"""Teams, who is in them, and what they own."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.people import Role, Team
from models.query import Answer, Query, count, records, sql


class Owned(StrEnum):
    """A table of what teams own, named by its first column."""

    TOPIC = "topic"
    TEMPLATE = "template"

    @property
    def table(self) -> str:
        """Where it is kept."""
        return f"{self.value}s"


def all_teams() -> Query[list[Team]]:
    """All teams by title."""
    return sql(
        "SELECT team, title, created_at FROM teams ORDER BY lower(title), team", records(Team)
    )


def owner_of(kind: Owned, key: str) -> Query[str | None]:
    """The team that owns something; `None` where the installation does, or there is no such."""

    def found(result: Answer) -> str | None:
        team: str | None = result.scalar_one_or_none()
        return team

    return sql(f"SELECT team FROM {kind.table} WHERE {kind} = :key", found, key=key)


def add_team(team: str, title: str, now: datetime) -> Query[int]:
    """Make a team; nothing happens when the key is taken.

    Returns:
        1 when it was made, else 0.
    """
    return sql(
        """
        INSERT INTO teams (team, title, created_at) VALUES (:team, :title, :now)
        ON CONFLICT (team) DO NOTHING
        """,
        count,
        team=team,
        title=title,
        now=now,
    )


def set_membership(person: UUID, team: str, roles: Iterable[Role]) -> Query[int]:
    """Give somebody exactly these roles in a team, besides those they have everywhere."""
    return sql(
        """
        INSERT INTO memberships (person, team, roles) VALUES (:person, :team, :roles)
        ON CONFLICT (person, team) DO UPDATE SET roles = excluded.roles
        """,
        count,
        person=person,
        team=team,
        roles=sorted(roles),
    )
