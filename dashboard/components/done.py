"""Doing what a button says: a refusal is told at once, a success once the page is drawn anew."""

from collections.abc import Callable

import streamlit as st

from dashboard import actions
from dashboard.changing.approving import ApprovalNeededError
from dashboard.showing.safe import plain

_DONE = "just_done"


ASKED = "Somebody else has to look at it first: they were told. See Approvals"


def attempt(act: Callable[[], object], done: str, ask: Callable[[], object] | None = None) -> None:
    """Act and draw the page anew, or say why it was refused.

    Args:
        act: An action that may be refused or not allowed.
        done: What is said after.
        ask: Asks for the approval that the action lacks.
    """
    try:
        done = _acted(act, done, ask)
    except (actions.RefusedError, actions.NotAllowedError) as error:
        st.error(plain(str(error)))
        return
    leave(done)


def _acted(act: Callable[[], object], done: str, ask: Callable[[], object] | None) -> str:
    try:
        act()
    except ApprovalNeededError:
        if ask is None:
            raise
        ask()
        return ASKED
    return done


def leave(done: str) -> None:
    """Draw the page anew, and say there what was done."""
    st.session_state[_DONE] = plain(done)
    st.rerun()


def told() -> None:
    """Say what was just done, once."""
    if done := st.session_state.pop(_DONE, None):
        st.toast(done, icon=":material/check_circle:")
