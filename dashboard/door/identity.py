"""Who looks at the page: read anew from the database at every run."""

from uuid import UUID

import streamlit as st

from dashboard import access, data
from dashboard.access import Permission
from models.people import Person


def current() -> Person:
    """The person; the run ends here when their access is gone."""
    identifier = st.user.get("person")
    person = data.person(UUID(str(identifier))) if identifier else None
    if person is None or not person.active:
        st.error("Your access was closed. Ask an admin of Tidings, then sign in again.")
        st.stop()
    return person


def may(permission: Permission, team: str | None = None) -> bool:
    """Whether the person may do something now with what a team owns, or the installation."""
    return permission in access.within(current(), team)


def may_somewhere(permission: Permission) -> bool:
    """Whether the person may see something, or do something in one team at least."""
    return permission in access.somewhere(current())
