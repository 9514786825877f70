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
    AUDIENCE = "audience"
    CAMPAIGN = "campaign"

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


def owners(kind: Owned) -> Query[dict[str, str]]:
    """What is owned by teams, with the team; the rest is the installation's."""
    return sql(
        f"SELECT {kind}, team FROM {kind.table} WHERE team IS NOT NULL",
        lambda result: {row[0]: row[1] for row in result},
    )


_NAMED = """,
    document = CASE WHEN CAST(:team AS text) IS NULL THEN document - 'team'
                    ELSE document || jsonb_build_object('team', CAST(:team AS text)) END,
    revision = revision + 1
"""
"""The document of a campaign names its team; who edits it meanwhile is told."""


def give(kind: Owned, key: str, team: str | None) -> Query[int]:
    """Let a team own something, or the installation."""
    named = _NAMED if kind is Owned.CAMPAIGN else ""
    return sql(
        f"UPDATE {kind.table} SET team = :team{named} WHERE {kind} = :key",
        count,
        key=key,
        team=team,
    )


def keep_team(team: str) -> Query[bool]:
    """Whether there is such a team; it stays until the end of the transaction."""
    return sql(
        "SELECT 1 FROM teams WHERE team = :team FOR KEY SHARE",
        lambda result: result.scalar_one_or_none() is not None,
        team=team,
    )


def lock_team(team: str) -> Query[bool]:
    """Whether there is such a team; nobody gives it anything until the end."""
    return sql(
        "SELECT 1 FROM teams WHERE team = :team FOR UPDATE",
        lambda result: result.scalar_one_or_none() is not None,
        team=team,
    )


def owned(team: str) -> Query[int]:
    """How many things a team owns."""
    counts = " + ".join(f"(SELECT count(*) FROM {kind.table} WHERE team = :team)" for kind in Owned)
    return sql(f"SELECT {counts}", lambda result: int(result.scalar_one()), team=team)


def rename_team(team: str, title: str) -> Query[int]:
    """Call a team otherwise; its key stays."""
    return sql("UPDATE teams SET title = :title WHERE team = :team", count, team=team, title=title)


def remove_team(team: str) -> list[Query[int]]:
    """Remove a team that owns nothing, and who was in it."""
    return [
        sql("DELETE FROM memberships WHERE team = :team", count, team=team),
        sql("DELETE FROM teams WHERE team = :team", count, team=team),
    ]


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


def leave_team(person: UUID, team: str) -> Query[int]:
    """Take somebody's roles in a team away."""
    return sql(
        "DELETE FROM memberships WHERE person = :person AND team = :team",
        count,
        person=person,
        team=team,
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
