"""Which team owns a thing: told, chosen for a new one, changed."""

import streamlit as st

from dashboard import access
from dashboard.access import Permission
from dashboard.changing import teams
from dashboard.changing.teams import Owned
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.showing.safe import plain

_ALL = "The installation"


def show(kind: Owned, key: str, team: str | None) -> None:
    """Say who owns it, with a way to give it to another for those who may."""
    titles = _titles()
    with st.container(horizontal=True, vertical_alignment="center", key="ownership"):
        st.caption(f":material/groups: {plain(_named(team, titles))}")
        more = [other for other in _mine(teams.GIVEN_BY[kind]) if other != team]
        may = identity.may(teams.GIVEN_BY[kind], team) and more
        if may and st.button("Give to a team", key="give_away", type="tertiary"):
            st.dialog("Who is to own it?")(_ask)(kind, key, more)


def choose(needed: Permission, begin: str | None = None) -> str | None:
    """Ask who is to own something new: a team in which one may make it, or all."""
    offered = _mine(needed)
    if offered == [None]:
        return None
    return _chosen(offered, "Owned by", begin)


def _ask(kind: Owned, key: str, offered: list[str | None]) -> None:
    team = _chosen(offered, "Team")
    st.caption("Only its authors, and those who have their role everywhere, can change it then.")
    if st.button("Give", type="primary", key="give_now", shortcut="Mod+Enter"):
        who, name = identity.current().person, _named(team, _titles())
        attempt(lambda: teams.give(who, kind, key, team), f"{name} owns it now")


def _chosen(offered: list[str | None], title: str, begin: str | None = None) -> str | None:
    titles = _titles()
    return st.selectbox(
        title,
        offered,
        offered.index(begin) if begin in offered else 0,
        key="owner",
        format_func=lambda team: _named(team, titles),
        width=320,
    )


def _titles() -> dict[str, str]:
    return {team.team: team.title for team in teams.all_teams()}


def _named(team: str | None, titles: dict[str, str]) -> str:
    return _ALL if team is None else titles.get(team, team)


def _mine(permission: Permission) -> list[str | None]:
    """The teams in which one may, and `None` where one may everywhere."""
    me = identity.current()
    return [team for team in (None, *_titles()) if permission in access.within(me, team)]
