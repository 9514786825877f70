"""Two people wrote a campaign at once: both documents, and whose goes on."""

import streamlit as st

from dashboard import page
from dashboard.components.campaigns import desk
from dashboard.showing.campaign_sheet import Sheet
from dashboard.showing.safe import plain
from dashboard.showing.words import moment
from delivery.rulebook.writing import as_toml
from models.records import Campaign


def show(sheet: Sheet, theirs: Campaign) -> None:
    """Draw what happened, both documents, and the ways out of it."""
    when = moment(theirs.updated_at, page.zone())
    st.warning(
        f"{plain(theirs.updated_by)} saved this draft on {when}, while you were writing. Nothing is"
        " overwritten: take theirs, or keep yours.",
        title="Somebody else saved first",
        icon=":material/call_split:",
    )
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
