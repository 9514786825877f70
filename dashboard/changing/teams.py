"""What people do about teams: make them, say who is in them, and what they own.

As in `actions`: who acts is looked up again in the transaction that acts, which also writes the
audit entry.
"""

import re
from collections.abc import Iterable
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, RefusedError, acting
from dashboard.data import database
from models.people import Person, Role, Team
from models.queries.console import people, teams
from models.queries.console.teams import Owned
from models.query import Query

__all__ = ["Owned"]

_KEY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
_NO_TEAM = "There is no such team (any more)."
GIVEN_BY = {
    Owned.TOPIC: Permission.CHANGE_TOPICS,
    Owned.TEMPLATE: Permission.EDIT_TEMPLATES,
    Owned.AUDIENCE: Permission.EDIT_AUDIENCES,
    Owned.CAMPAIGN: Permission.EDIT_CAMPAIGNS,
}
"""What one must be allowed, where it is and where it goes, to give it away."""


def all_teams() -> list[Team]:
    """All teams by title."""
    with database().begin() as tx:
        return tx.run(teams.all_teams())


def owners(kind: Owned) -> dict[str, str]:
    """What is owned by teams, with the team."""
    with database().begin() as tx:
        return tx.run(teams.owners(kind))


def make(by: UUID, team: str, title: str) -> None:
    """Make a team.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: The key or the title will not do, or the key is taken.
    """
    title = _titled(title)
    if not _KEY.fullmatch(team):
        raise RefusedError("A team's key is up to 63 of a–z, 0–9, dot, dash and underscore.")
    with acting(by, Permission.MANAGE_PEOPLE) as act:
        if not act.tx.run(teams.add_team(team, title, act.now)):
            raise RefusedError(f"There is a team {team} already.")
        act.note("made a team", team, title=title)


def rename(by: UUID, team: str, title: str) -> None:
    """Call a team otherwise; its key stays.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: The title is empty, or the team is gone.
    """
    title = _titled(title)
    with acting(by, Permission.MANAGE_PEOPLE) as act:
        before = {one.team: one.title for one in act.tx.run(teams.all_teams())}.get(team)
        if not act.tx.run(teams.rename_team(team, title)):
            raise RefusedError(_NO_TEAM)
        act.note("renamed a team", team, before=before, after=title)


def remove(by: UUID, team: str) -> None:
    """Remove a team; who was in it loses the roles they had there.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It owns something, or is gone.
    """
    with acting(by, Permission.MANAGE_PEOPLE) as act:
        if not act.tx.run(teams.lock_team(team)):
            raise RefusedError(_NO_TEAM)
        if things := act.tx.run(teams.owned(team)):
            raise RefusedError(f"It owns {_things(things)}: give away what it owns first.")
        for statement in teams.remove_team(team):
            act.tx.run(statement)
        act.note("removed a team", team)


def set_roles(by: UUID, person: UUID, team: str, roles: Iterable[Role]) -> None:
    """Give somebody exactly these roles in a team; none: they leave it.

    Raises:
        NotAllowedError: The one who acts manages people neither everywhere nor in this team.
        RefusedError: There is no such team or person.
    """
    roles = sorted(roles)
    with acting(by, Permission.MANAGE_PEOPLE, team) as act:
        found = act.tx.run(people.person_by_id(person))
        if found is None or not act.tx.run(teams.keep_team(team)):
            raise RefusedError("There is no such team or person (any more).")
        before = sorted(found.teams.get(team, ()))
        if roles == before:
            raise RefusedError("Nothing would change.")
        act.tx.run(_standing(found, team, roles))
        act.note("set roles in a team", found.email, team=team, before=before, after=roles)


def _standing(person: Person, team: str, roles: list[Role]) -> Query[int]:
    if not roles:
        return teams.leave_team(person.person, team)
    return teams.set_membership(person.person, team, roles)


def give(by: UUID, kind: Owned, key: str, team: str | None) -> None:
    """Let another team own something; `None`: the installation.

    Raises:
        NotAllowedError: The one who acts may not change it both where it is and where it goes.
        RefusedError: There is no such thing or team.
    """
    needed = GIVEN_BY[kind]
    with acting(by, needed, teams.owner_of(kind, key)) as act:
        act.demand(needed, team)
        hand_over(act, kind, key, team)


def hand_over(act: Acting, kind: Owned, key: str, team: str | None) -> None:
    """The same inside a transaction whose person may.

    Raises:
        RefusedError: There is no such thing or team.
    """
    before = act.tx.run(teams.owner_of(kind, key))
    if team is not None and not act.tx.run(teams.keep_team(team)):
        raise RefusedError(_NO_TEAM)
    if not act.tx.run(teams.give(kind, key, team)):
        raise RefusedError(f"There is no such {kind}.")
    act.note(f"gave a {kind} to a team", key, before=before, after=team)


def _titled(title: str) -> str:
    if not (title := title.strip()):
        raise RefusedError("Give the team a name.")
    return title


def _things(number: int) -> str:
    return "1 thing" if number == 1 else f"{number} things"
