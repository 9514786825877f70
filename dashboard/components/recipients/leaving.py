"""What is kept about a person: taken along in one document, or erased."""

from functools import partial

import streamlit as st

from dashboard.access import Permission
from dashboard.changing import leaving
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.showing.safe import code

_WHAT = {
    "waiting": ("waiting delivery is cancelled", "waiting deliveries are cancelled"),
    "addresses": ("address is forgotten", "addresses are forgotten"),
    "items": ("item of the feed is deleted", "items of the feed are deleted"),
    "deliveries": ("delivery is emptied", "deliveries are emptied"),
}
"""What is counted, and what becomes of one and of several."""


def show(recipient: str) -> None:
    """Draw the buttons somebody may use."""
    with st.container(horizontal=True, gap="small", key="leaving"):
        if identity.may(Permission.EXPORT_PEOPLE):
            st.download_button(
                "Export",
                partial(leaving.document, identity.current().person, recipient),
                "recipient.json",
                "application/json",
                icon=":material/download:",
                key="leaving_export",
                help="Everything that is kept about them, as one JSON document.",
                on_click="ignore",
            )
        if identity.may(Permission.ERASE_PEOPLE) and st.button(
            "Erase", icon=":material/delete_forever:", key="leaving_erase"
        ):
            st.dialog("Erase this person?")(_ask)(recipient)


def _ask(recipient: str) -> None:
    lines = [_line(name, number) for name, number in leaving.weight(recipient).items() if number]
    st.markdown("\n".join(f"- {line}" for line in lines) or "Nothing is kept but their id.")
    st.caption(
        "Counts and the history of others stay as they are. Suppressed addresses stay suppressed,"
        " as hashes. It cannot be taken back."
    )
    reason = st.text_input(
        "Reason, without naming them: it is kept", key="leaving_reason", max_chars=300
    )
    typed = st.text_input(f"Type {code(recipient)} to confirm", key="leaving_typed")
    if st.button("Erase for good", type="primary", key="leaving_now", disabled=typed != recipient):
        who = identity.current().person
        done = "The erasure has begun; workers finish it within a minute"
        attempt(lambda: leaving.erase(who, recipient, str(typed), str(reason)), done)


def _line(name: str, number: int) -> str:
    one, several = _WHAT[name]
    return f"{number:,} {one if number == 1 else several}"
