"""A campaign's report: from who was to get it to what they did, and how sure that is."""

import streamlit as st

from dashboard import page
from dashboard.components import tiles
from dashboard.components.campaign_rates import rates
from dashboard.reading import campaigns as reading
from dashboard.reading.campaigns import Line
from dashboard.showing.campaign_tiles import Why, tiles_of, whys
from dashboard.showing.safe import plain
from models.readings.deliveries import OfCampaign


def show(line: Line) -> None:
    """Draw the funnel, why some got nothing, and the rates of each variant."""
    found = reading.told(line.campaign.key, line.runs)
    of = OfCampaign(line.campaign.key)
    with st.grid(6, min_column_width=150, gap="small"):
        for tile in tiles_of(of, found.funnel):
            tiles.show(tile)
    left, right = st.columns(2, gap="medium")
    with left:
        _reasons(whys(of, found.funnel, found.left_out))
    with right:
        rates(found.variants)


def _reasons(told: list[Why]) -> None:
    st.subheader("Why some got nothing (yet)", anchor=False)
    if not told:
        st.caption("Nobody is left out, and nothing waits.")
    with st.container(gap="xxsmall", key="campaign_whys"):
        for one in told:
            if one.query is None:
                st.markdown(plain(one.line))
            else:
                page.link("deliveries", one.line, one.query)
