"""Two people wrote a campaign at once: both documents, and whose goes on."""

import streamlit as st

from dashboard.components import overtaken
from dashboard.components.campaigns import desk
from dashboard.showing.campaign_sheet import Sheet
from dashboard.showing.safe import plain
from delivery.rulebook.writing import as_toml
from models.records import Campaign


def show(sheet: Sheet, theirs: Campaign) -> None:
    """Draw what happened, both documents, and the ways out of it."""
    overtaken.tell(theirs.updated_by, theirs.updated_at, "take theirs, or keep yours")
    left, right = st.columns(2)
    with left:
        st.markdown(f"**Theirs: {plain(theirs.updated_by)}**")
        st.code(as_toml(theirs.document), language="toml")
    with right:
        st.markdown("**Yours**")
        st.code(as_toml(sheet.document), language="toml")
    with st.container(horizontal=True):
        st.button("Take theirs", type="primary", on_click=desk.settle,
                  args=(sheet, theirs), key="campaign_theirs")  # fmt: skip
        st.button("Keep yours", on_click=desk.settle, args=(sheet, None),
                  key="campaign_yours")  # fmt: skip
