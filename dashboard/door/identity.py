"""Who looks at the page: read anew from the database at every run."""

import streamlit as st

from dashboard import access
from dashboard.access import Permission
from dashboard.reading import people
from models.people import Person


def current() -> Person:
    """The person; the run ends here when they were signed out or their access is gone."""
    person = people.signed_in(session())
    if person is None:
        st.error("You were signed out, or your access was closed: [sign in](/login) again.")
        st.stop()
    return person


def session() -> bytes:
    """The name of the session that this page belongs to; empty when there is none."""
    return bytes.fromhex(str(st.user.get("session") or ""))


def may(permission: Permission, team: str | None = None) -> bool:
    """Whether the person may do something now with what a team owns, or the installation."""
    return permission in access.within(current(), team)


def demand(permission: Permission) -> None:
    """End the run of a part that draws itself anew, once its reader may not see it any more."""
    if not may(permission):
        st.error("You may not see this any more: ask an admin of Tidings.")
        st.stop()


def may_somewhere(permission: Permission) -> bool:
    """Whether the person may do something in one team at least."""
    return permission in access.somewhere(current())
