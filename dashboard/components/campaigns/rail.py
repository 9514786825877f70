"""What a campaign that is being written does so far, in sentences; for how many; what it lacks."""

from collections.abc import Sequence

import streamlit as st

from dashboard import data
from dashboard.components.audiences.glance import told
from dashboard.reading import cached
from dashboard.showing.campaign_sheet import Sheet, canonical
from dashboard.showing.campaign_steps import step_of
from dashboard.showing.safe import plain
from dashboard.showing.words import number
from delivery.audiences import AudienceError
from delivery.blame import Said
from delivery.campaigns.document import stored
from delivery.campaigns.sentences import sentences


def show(sheet: Sheet, faults: Sequence[Said]) -> None:
    """Draw it beside the fields; it stays in view."""
    with st.container(border=True, key="campaign_rail", gap="small"):
        st.subheader("So far", anchor=False)
        document = canonical(sheet)
        if document is not None:
            for said in sentences(stored(document)):
                st.markdown(f":material/check: {plain(said)}")
            _people(document.get("audience"), document.get("recipients") or ())
        _missing(sheet, faults)
        st.caption(_kept(sheet))


def _people(audience: str | None, listed: Sequence[str]) -> None:
    if audience is None:
        st.markdown(f":material/groups: **{number(len(listed))}** listed people")
        return
    try:
        found = cached.glance(audience)
    except (AudienceError, data.DatabaseError) as error:
        st.caption(plain(f"Its people cannot be counted: {error}"))
        return
    st.markdown(f":material/groups: **{told(found)}** people")


def _missing(sheet: Sheet, faults: Sequence[Said]) -> None:
    if not faults:
        if sheet.base is not None:
            st.markdown(":material/task_alt: Nothing is missing.")
        return
    st.markdown("**Missing or wrong**")
    for loc, words in faults:
        st.markdown(f":red[:material/error:] {step_of(loc)}: {plain(words)}")


def _kept(sheet: Sheet) -> str:
    if sheet.base is None:
        return "Not kept yet: give it a title and a topic, and go on."
    return f"Kept as a draft, revision {sheet.base.revision}. Nobody gets anything before launch."
