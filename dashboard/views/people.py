"""People: who may come in, and what they may do."""

import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.components import done, membership
from dashboard.page import Page
from dashboard.showing.safe import code, plain
from dashboard.showing.words import label
from models.people import Person


def render() -> None:
    """Draw the page."""
    with page.header("People", "Who may come in, and what they may do"):
        if st.button("Add a person", type="primary", icon=":material/add:", shortcut="n"):
            st.dialog("Add a person", icon=":material/person_add:")(membership.add)()
    done.told()
    for person in data.all_people():
        _person(person)


def _person(person: Person) -> None:
    with st.container(
        border=True, key=f"card_{person.person}", horizontal=True, vertical_alignment="center"
    ):
        with st.container(gap="xxsmall"):
            closed = "" if person.active else " :red-badge[Closed]"
            roles = " ".join(f":gray-badge[{plain(label(role))}]" for role in sorted(person.roles))
            st.markdown(f"**{plain(person.name)}**{closed} {roles}")
            st.caption(code(person.email))
        with st.container(horizontal=True, horizontal_alignment="right", width="content"):
            _buttons(person)


def _buttons(person: Person) -> None:
    key = person.person
    if not person.active:
        if st.button("Open access", key=f"open_{key}", icon=":material/lock_open:"):
            membership.reopen(person)
        return
    if st.button("Roles", key=f"change_{key}", icon=":material/badge:"):
        st.dialog(f"Roles of {plain(person.name)}")(membership.change)(person)
    if st.button("Sign-in link", key=f"link_{key}", icon=":material/key:"):
        st.dialog(f"A link for {plain(person.name)}")(membership.link)(person)
    if st.button("Sign out", key=f"out_{key}", icon=":material/logout:"):
        st.dialog(f"Sign {plain(person.name)} out everywhere?")(membership.sign_out)(person)
    if st.button("Close access", key=f"close_{key}", icon=":material/block:"):
        st.dialog(f"Close the access of {plain(person.name)}?")(membership.close)(person)


PAGE = Page(
    key="people",
    title="People",
    icon=":material/group:",
    section="Admin",
    needs=Permission.MANAGE_PEOPLE,
    summary="Who may come in, and what they may do.",
    render=render,
)
