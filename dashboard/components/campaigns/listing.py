"""Campaigns one below the other: how each stands, how far it came, and what one may do with it."""

from collections.abc import Sequence

import streamlit as st

from dashboard import page
from dashboard.components.campaigns import live, orders
from dashboard.reading.campaigns import UNDER_WAY, Line
from dashboard.showing import campaigns as showing
from dashboard.showing.safe import plain
from models.states import CampaignState

AT_ONCE = 10
"""Campaigns of a page: what goes looks for news every other second."""


def show(found: Sequence[Line]) -> None:
    """Draw a page of them: what is under way, then drafts, then what is over."""
    ordered = sorted(found, key=_place)
    pages = -(-len(ordered) // AT_ONCE)
    chosen = 1
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            chosen = st.pagination(pages, key="part", bind="query-params")
            st.caption(_told(chosen, len(ordered)), width="content")
    for line in ordered[(chosen - 1) * AT_ONCE : chosen * AT_ONCE]:
        _row(line)


def _place(line: Line) -> int:
    state = line.campaign.state
    return 0 if state in UNDER_WAY else 1 if state is CampaignState.DRAFT else 2


def _told(chosen: int, of: int) -> str:
    first = (chosen - 1) * AT_ONCE
    return f"{first + 1} to {min(first + AT_ONCE, of)} of {of}"


def _row(line: Line) -> None:
    one = line.campaign
    with st.container(border=True, key=f"card_campaign_{one.key}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            page.link("campaigns", one.title, {"campaign": [one.key]})
            st.markdown(showing.badge(one.state), width="content")
            st.caption(plain(f"To {showing.who(one)}. {one.why}"), width="stretch")
            orders.show(line)
        if one.state in UNDER_WAY:
            live.show(line)
