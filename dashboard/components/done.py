"""Doing what a button says: a refusal is told at once, a success once the page is drawn anew."""

from collections.abc import Callable

import streamlit as st

from dashboard import actions
from dashboard.showing.safe import plain

_DONE = "just_done"


def attempt(act: Callable[[], None], done: str) -> None:
    """Act and draw the page anew, or say why it was refused.

    Args:
        act: An action that may be refused or not allowed.
        done: What is said after.
    """
    try:
        act()
    except (actions.RefusedError, actions.NotAllowedError) as error:
        st.error(plain(str(error)))
        return
    leave(done)


def leave(done: str) -> None:
    """Draw the page anew, and say there what was done."""
    st.session_state[_DONE] = plain(done)
    st.rerun()


def told() -> None:
    """Say what was just done, once."""
    if done := st.session_state.pop(_DONE, None):
        st.toast(done, icon=":material/check_circle:")
