"""Whom an audience holds that somebody asked for: how many and some of them, beside what it is."""

import streamlit as st

from dashboard.components.audiences.glance import glance
from dashboard.reading import audiences
from dashboard.showing.safe import plain
from delivery.audiences import AudienceError, read, sentence
from models.records import Approval


def show(one: Approval) -> None:
    """Draw both, counted now."""
    columns = st.columns(2, gap="small")
    with columns[0], st.container(border=True, height="stretch"):
        st.markdown("**As it is**")
        _there(one)
    with columns[1], st.container(border=True, height="stretch"):
        st.markdown("**As it would be**")
        _asked(one)


def _there(one: Approval) -> None:
    if one.before is None:
        st.caption("It is new.")
        return
    try:
        glance(audiences.saved(one.subject))
    except (AudienceError, KeyError):
        st.caption("It is not there any more, or cannot be read.")


def _asked(one: Approval) -> None:
    try:
        audience = read(one.document)
        st.caption(plain(sentence(audience)))
        glance(audiences.drafted(audience))
    except AudienceError as error:
        st.error(plain(f"It does not fit (any more): {error}"))
