"""How many belong to an audience, and some of them."""

import streamlit as st

from dashboard import data
from dashboard.access import Permission
from dashboard.door import identity
from dashboard.reading import audiences
from dashboard.reading.audiences import Glance
from dashboard.showing.safe import plain
from dashboard.showing.words import masked, number
from models.records.audiences import Condition


def glance(condition: Condition) -> None:
    """Draw how many belong, whether that was counted, and some of them."""
    try:
        found = audiences.glance(condition)
    except data.DatabaseError as error:
        st.warning(plain(f"Counting takes too long: {error}. Narrow it down."))
        return
    how = "counted just now" if found.exact else "estimated from a part of the people"
    st.metric("Members", f"{'' if found.exact else 'about '}{number(found.number)}")
    st.caption(how.capitalize())
    _sample(found)


def _sample(found: Glance) -> None:
    """Ids are personal where they are addresses: they are masked for who may not see them."""
    if not found.sample:
        st.caption("Nobody belongs.")
        return
    open_ = identity.may(Permission.SEE_PERSONAL)
    said = [each if open_ else masked(each) for each in found.sample]
    st.markdown("Some of them: " + ", ".join(map(plain, said)))
