"""What the caps still leave to somebody just now."""

import streamlit as st

from dashboard import page
from dashboard.reading.reports import Standings
from dashboard.showing.safe import code, plain
from dashboard.showing.words import moment
from delivery.limits.caps import Standing
from delivery.rulebook import sentence


def show(standings: Standings) -> None:
    """Draw how many slots of each rule are taken; nothing where no cap counts for them."""
    if not standings:
        return
    with st.container(border=True, key="card_slots", gap="small"):
        st.subheader("Caps now", anchor=False)
        for standing, warming in standings:
            st.markdown(
                f"{code(standing.cap.key)} {_state(standing, warming=warming)}",
                help=plain(sentence(standing.cap)),
            )


def _state(standing: Standing, *, warming: bool) -> str:
    taken = f"{standing.used} of {standing.cap.limit} taken"
    if warming:
        return f":orange-badge[Warming] :gray[{taken} so far]"
    if standing.opens_at is None:
        return f":green-badge[{taken}]"
    return f":red-badge[{taken}] :gray[until {moment(standing.opens_at, page.zone())}]"
