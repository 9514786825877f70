"""Making, rotating and revoking an API key, each in a dialog."""

from collections.abc import Callable
from datetime import timedelta

import streamlit as st

from dashboard import actions
from dashboard.changing import keys
from dashboard.changing.keys import ApiKey, Scope
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.showing.safe import plain

_WHILES = {
    "It ends now": timedelta(),
    "An hour": timedelta(hours=1),
    "A day": timedelta(days=1),
    "A week": timedelta(days=7),
}


def make() -> None:
    """Ask what a new key is for, and show it."""
    with st.form("make_key", border=False):
        name = st.text_input("Name", key="key_name", required=True, max_chars=80)
        source = st.text_input("Source", key="key_source", max_chars=80, help="Else its name")
        scopes = st.multiselect("Scopes", list(Scope), [Scope.EVENTS_WRITE], key="key_scopes")
        days = st.number_input(
            "Ends after days", 1, 3650, None, key="key_days", placeholder="Never"
        )
        st.caption("  \n".join(f"**{scope}** {scope.sentence}" for scope in Scope))
        asked = st.form_submit_button("Make", type="primary", shortcut="Mod+Enter")
    if asked:
        who = identity.current().person
        _show(lambda: keys.make(who, name, source, scopes, days))


def rotate(key: ApiKey) -> None:
    """Ask how long the old key goes on, and show the new one."""
    keep = st.radio("The old key goes on for", list(_WHILES), 2, key="key_keep")
    st.caption("The new key has the same source, scopes and end.")
    if st.button("Rotate", type="primary", key="rotate_now", shortcut="Mod+Enter"):
        who = identity.current().person
        _show(lambda: keys.rotate(who, key.key_id, _WHILES[keep]))


def revoke(key: ApiKey) -> None:
    """Ask whether a key is to end now."""
    st.markdown(f"Whoever uses **{plain(key.name)}** is refused from now on, for good.")
    if st.button("Revoke", type="primary", key="revoke_now"):
        who = identity.current().person
        attempt(lambda: keys.revoke(who, key.key_id), f"{key.name} opens nothing any more")


def _show(made: Callable[[], str]) -> None:
    try:
        secret = made()
    except (actions.RefusedError, actions.NotAllowedError) as error:
        st.error(plain(str(error)))
        return
    st.markdown("Keep it now: it is not shown again.")
    st.code(secret, language=None, wrap_lines=True)
