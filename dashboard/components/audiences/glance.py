"""How many belong to an audience, and some of them."""

from collections.abc import Callable

import streamlit as st

from dashboard import data
from dashboard.access import Permission
from dashboard.door import identity
from dashboard.reading import audiences, cached
from dashboard.reading.audiences import Glance
from dashboard.showing.safe import plain
from dashboard.showing.words import masked, number
from delivery.audiences import AudienceError
from models.records.conditions import Condition


def glance(condition: Condition) -> None:
    """Draw how many belong, whether that was counted, and some of them."""
    _draw(lambda: audiences.glance(condition))


def saved(key: str) -> None:
    """The same of a saved audience, as it was a few seconds ago."""
    _draw(lambda: cached.glance(key))


def told(found: Glance) -> str:
    """How many belong: `about 12 345`."""
    return f"{'' if found.exact else 'about '}{number(found.number)}"


def _draw(looked: Callable[[], Glance]) -> None:
    try:
        found = looked()
    except AudienceError as error:
        st.error(plain(str(error)))
        return
    except data.DatabaseError as error:
        st.warning(plain(f"Counting takes too long: {error}. Narrow it down."))
        return
    how = "counted just now" if found.exact else "estimated from a part of the people"
    st.metric("Members", told(found))
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
