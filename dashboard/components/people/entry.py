"""The drawer of one audit entry: who did what, why, and what was there before and after."""

from uuid import UUID

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.components.drawer import Drawer
from dashboard.door import identity
from dashboard.reading import audits
from dashboard.showing.audits import difference, veiled
from dashboard.showing.safe import code, plain
from models.readings.audit import AuditLine


def drawer(chosen: str | None, table: str) -> None:
    """Open the drawer of the chosen entry, or of the one that the URL names."""
    Drawer("Entry", "entry", clicked=(table,)).show(show, chosen)


def show(identifier: str) -> None:
    """Draw the drawer's inside."""
    if not identity.may(Permission.SEE_AUDIT):
        return
    line = _found(identifier)
    if line is None:
        st.error(f"There is no entry {plain(identifier)}.")
        return
    line = veiled(line, personal=identity.may(Permission.SEE_PERSONAL))
    at = line.at.astimezone(page.zone())
    st.markdown(f"**{plain(line.action.capitalize())}:** {code(line.subject)}")
    st.caption(f"{plain(line.actor)} · {at:%d %b %Y, %H:%M:%S} ({page.zone()})")
    if line.redacted_at is not None:
        st.info("An erasure took a person out of this entry.", icon=":material/person_off:")
    if line.why:
        st.markdown(f"**Why:** {plain(line.why)}")
    if changed := difference(line):
        st.code(changed, language="diff", wrap_lines=True)
    if line.detail:
        st.caption("What else is known")
        st.json(line.detail)


def _found(identifier: str) -> AuditLine | None:
    try:
        return audits.one(UUID(identifier))
    except ValueError:
        return None
