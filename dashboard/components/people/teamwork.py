"""Teams: who is in them with which roles, and making, renaming and removing them."""

from collections.abc import Sequence

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing import teams
from dashboard.components.done import attempt
from dashboard.components.people import membership
from dashboard.door import identity
from dashboard.showing.safe import code, plain
from dashboard.showing.words import label
from models.people import Person, Team


def show(people: Sequence[Person]) -> None:
    """Draw a card for each team."""
    found, whole = teams.all_teams(), identity.may(Permission.MANAGE_PEOPLE)
    if whole and st.button("Make a team", icon=":material/group_add:", key="make_team"):
        st.dialog("Make a team")(_ask_make)()
    if not found:
        what = (
            "A team owns topics, templates, audiences and campaigns, and its authors change them."
        )
        page.empty("No teams yet", what)
    for team in found:
        _team(team, [person for person in people if team.team in person.teams], whole=whole)


def _team(team: Team, members: Sequence[Person], *, whole: bool) -> None:
    with st.container(border=True, key=f"card_team_{team.team}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(team.title)}** {code(team.team)}", width="stretch")
            _buttons(team, whole=whole)
        for person in members:
            roles = " ".join(
                f":gray-badge[{plain(label(role))}]" for role in sorted(person.teams[team.team])
            )
            st.markdown(f"{plain(person.name)} {roles}")
        if not members:
            st.caption(
                "Nobody has a role in it: what it owns is changed by roles given everywhere."
            )


def _buttons(team: Team, *, whole: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", width="content"):
        if identity.may(Permission.MANAGE_PEOPLE, team.team) and st.button(
            "Members", key=f"members_{team.team}", icon=":material/badge:"
        ):
            st.dialog(f"Members of {plain(team.title)}")(membership.change_in_team)(team)
        if whole and st.button("Rename", key=f"rename_{team.team}", icon=":material/edit:"):
            st.dialog(f"Rename {plain(team.title)}")(_ask_rename)(team)
        if whole and st.button("Remove", key=f"remove_{team.team}", icon=":material/delete:"):
            st.dialog(f"Remove {plain(team.title)}?")(_ask_remove)(team)


def _ask_make() -> None:
    with st.form("make_team", border=False):
        title = st.text_input("Name", key="team_title", required=True, max_chars=80)
        key = st.text_input(
            "Key", key="team_key", required=True, max_chars=63, help="Never changes"
        )
        if not st.form_submit_button("Make", type="primary", shortcut="Mod+Enter"):
            return
    who = identity.current().person
    attempt(lambda: teams.make(who, key.strip(), title), f"{title} was made")


def _ask_rename(team: Team) -> None:
    title = st.text_input("Name", team.title, key="team_new_title", max_chars=80)
    if st.button("Rename", type="primary", key="rename_now", shortcut="Mod+Enter"):
        who = identity.current().person
        attempt(lambda: teams.rename(who, team.team, title), f"It is called {title} now")


def _ask_remove(team: Team) -> None:
    st.markdown("Its members lose the roles they have in it. A team that owns something cannot go.")
    if st.button("Remove", type="primary", key="remove_now"):
        who = identity.current().person
        attempt(lambda: teams.remove(who, team.team), f"{team.title} was removed")
