"""What needs approval: as sentences, and as TOML for those who may change it."""

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.actions import RefusedError
from dashboard.changing import ruling
from dashboard.components import done
from dashboard.door import identity
from dashboard.reading import approvals
from dashboard.showing.safe import plain
from dashboard.showing.words import moment
from delivery.approving import BUILT_IN, sentence
from delivery.rulebook.spans import spelled
from delivery.rulebook.writing import as_toml
from models.records import StoredDocument


def show() -> None:
    """Draw them, and the way to change them."""
    try:
        known, stored = approvals.in_force()
    except RefusedError as error:
        st.error(plain(str(error)))
        return
    for one in known.thresholds:
        st.markdown(f":material/approval: {plain(sentence(one))}")
    if not known.thresholds:
        st.caption("Nothing needs approval.")
    st.caption(f"What was approved can be used for {spelled(known.lasts)}. {_since(stored)}")
    if identity.may(Permission.MANAGE_PEOPLE):
        with st.expander("Change what needs approval", icon=":material/edit:"):
            _edit(stored)


def _since(stored: StoredDocument | None) -> str:
    if stored is None:
        return "Built in: nobody changed it yet."
    at, who = moment(stored.published_at, page.zone()), plain(stored.published_by)
    return f"Version {stored.version} since {at}, by {who}: {plain(stored.note)}"


def _edit(stored: StoredDocument | None) -> None:
    base, document = (stored.version, stored.document) if stored else (0, dict(BUILT_IN))
    key = f"thresholds_{base}"
    text = str(st.text_area("Thresholds, as TOML", as_toml(document), height=360, key=key))
    note = str(st.text_input("Note", key="thresholds_note", max_chars=300))
    if st.button("Publish", type="primary", key="thresholds_now"):
        who = identity.current().person
        done.attempt(
            lambda: ruling.THRESHOLDS.publish(who, text, note, base),
            "Published: in force at once",
            lambda: ruling.THRESHOLDS.ask(who, text, note, base),
        )
