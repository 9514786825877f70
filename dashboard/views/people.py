"""People: who may come in, and what they may do."""

from datetime import datetime

import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.changing import inviting
from dashboard.components import done, sheet
from dashboard.components.people import membership, teamwork
from dashboard.door import identity
from dashboard.page import Page
from dashboard.reading import people as reading_people
from dashboard.showing.safe import code, plain
from dashboard.showing.words import label, moment
from models.people import Person


def render() -> None:
    """Draw the page."""
    whole = identity.may(Permission.MANAGE_PEOPLE)
    with page.header("People", "Who may come in, and what they may do"):
        if whole:
            sheet.take("people", {}, "Everybody, with their roles")
        if whole and st.button("Invite", type="primary", icon=":material/add:", shortcut="n"):
            opened = st.dialog("Invite a person", icon=":material/person_add:", on_dismiss="rerun")
            opened(membership.add)()
    done.told()
    people, in_teams = st.tabs(["People", "Teams"], key="people_tabs", on_change="rerun")
    if people.open:
        with people:
            _people(whole=whole)
    if in_teams.open:
        with in_teams:
            teamwork.show(reading_people.all_people())


def _people(*, whole: bool) -> None:
    invited, now = inviting.pending(), data.now()
    for person in reading_people.all_people():
        until = invited.get(person.person)
        with st.container(
            border=True, key=f"card_{person.person}", horizontal=True, vertical_alignment="center"
        ):
            with st.container(gap="xxsmall"):
                _person(person, until, now)
            with st.container(horizontal=True, horizontal_alignment="right", width="content"):
                if whole:
                    _buttons(person)


def _person(person: Person, until: datetime | None, now: datetime) -> None:
    badges = ["" if person.active else ":red-badge[Closed]"]
    badges += [f":gray-badge[{plain(label(role))}]" for role in sorted(person.roles)]
    for team, roles in sorted(person.teams.items()):
        held = ", ".join(label(role) for role in sorted(roles))
        badges.append(f":blue-badge[{plain(team)}: {plain(held)}]")
    badges.append(_invited(person, until, now))
    st.markdown(f"**{plain(person.name)}** {' '.join(badges)}")
    st.caption(code(person.email))


def _invited(person: Person, until: datetime | None, now: datetime) -> str:
    """How an invitation stands; nothing of somebody who came in."""
    if person.joined_at is not None or not person.active:
        return ""
    if until is None or until <= now:
        return ":orange-badge[Invitation expired]"
    ends = f"{moment(until, page.zone())} ({page.zone()})"
    return f":violet-badge[Invited, until {plain(ends)}]"


def _buttons(person: Person) -> None:
    key = person.person
    if not person.active:
        if st.button("Open access", key=f"open_{key}", icon=":material/lock_open:"):
            membership.reopen(person)
        return
    if st.button("Roles", key=f"change_{key}", icon=":material/badge:"):
        st.dialog(f"Roles of {plain(person.name)}")(membership.change)(person)
    if person.joined_at is None:
        _invitation(person)
    else:
        _signing_in(person)
    if st.button("Close access", key=f"close_{key}", icon=":material/block:"):
        st.dialog(f"Close the access of {plain(person.name)}?")(membership.close)(person)


def _invitation(person: Person) -> None:
    if st.button("New invitation", key=f"invite_{person.person}", icon=":material/key:"):
        st.dialog(f"An invitation for {plain(person.name)}")(membership.invite_again)(person)


def _signing_in(person: Person) -> None:
    key = person.person
    if st.button("Sign-in link", key=f"link_{key}", icon=":material/key:"):
        st.dialog(f"A link for {plain(person.name)}")(membership.link)(person)
    if st.button("Sign out", key=f"out_{key}", icon=":material/logout:"):
        st.dialog(f"Sign {plain(person.name)} out everywhere?")(membership.sign_out)(person)


PAGE = Page(
    key="people",
    title="People",
    icon=":material/group:",
    section="Admin",
    needs=Permission.MANAGE_PEOPLE,
    summary="Who may come in, and what they may do.",
    render=render,
)
