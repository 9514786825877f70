"""A campaign's report: from who was to get it to what they did, and how sure that is."""

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.components import card, sheet, tiles
from dashboard.components.campaigns.rates import differences, lifts
from dashboard.components.card import Card
from dashboard.door import identity
from dashboard.reading import cached
from dashboard.reading.campaign_report import Report
from dashboard.reading.campaigns import UNDER_WAY, Line
from dashboard.showing import campaign_charts as charts, campaign_tables as told
from dashboard.showing.campaign_tiles import Why, came_back, tiles_of, whys
from dashboard.showing.safe import plain
from dashboard.showing.table import Table
from models.readings.deliveries import OfCampaign

EXPORT = "campaign"
"""The export that has these tables."""
TICK = "5s"


def show(line: Line) -> None:
    """Draw the funnel, its course, why some got nothing, variants, links, bounces, noise."""
    key = line.campaign.key
    found = cached.campaign_report(key)
    if found is None:
        return
    of = OfCampaign(key)
    tick = TICK if line.campaign.state in UNDER_WAY else None
    st.fragment(_course, run_every=tick, key=f"campaign_course_{key}")(key)
    _table(found, told.variants(found))
    differences(found.variants)
    _table(found, told.goal(found))
    lifts(found.groups)
    _table(found, told.links(found))
    _table(found, told.bounces(found))
    _behind(came_back(of, found.funnel), "campaign_bounces")
    _table(found, told.foretold(found))
    _noise(found)


def _course(key: str) -> None:
    """How far it came; while it is under way drawn anew by itself."""
    identity.demand(Permission.SEE_CAMPAIGNS)
    found = cached.campaign_report(key)
    if found is None:
        return
    of = OfCampaign(key)
    with st.grid(6, min_column_width=150, gap="small"):
        for tile in tiles_of(of, found.funnel):
            tiles.show(tile)
    _take(found, told.funnel(found))
    _progress(found)
    _reasons(whys(of, found.funnel, found.left_out))


def _table(found: Report, table: Table) -> None:
    sheet.show(table, EXPORT, {"campaign": found.campaign.key, "table": table.key})


def _take(found: Report, table: Table) -> None:
    """Draw what takes a table along that is drawn in another way."""
    asked = {"campaign": [found.campaign.key], "table": [table.key]}
    sheet.take(EXPORT, asked, table.title)


def _progress(found: Report) -> None:
    table = told.progress(found)
    rows = charts.long_rows(table.columns, table.rows)
    shown = Card(
        "campaign_progress", "Progress", f"Messages up to then, times in {page.zone()}",
        table.nothing, {"at": "Time", "what": "What", "number": "Messages"},
    )  # fmt: skip
    card.show(shown, rows, charts.progress(rows, told.LINES))
    _take(found, table)


def _reasons(found: list[Why]) -> None:
    with st.container(border=True, key="card_campaign_whys"):
        st.subheader("Why some got nothing (yet)", anchor=False)
        if not found:
            st.caption("Nobody is left out, and nothing waits.")
        _behind(found, "campaign_whys")


def _behind(found: list[Why], key: str) -> None:
    """Numbers as links to the deliveries behind them."""
    with st.container(gap="xxsmall", key=key):
        for one in found:
            if one.query is None:
                st.markdown(plain(one.line))
            else:
                page.link("deliveries", one.line, one.query)


def _noise(found: Report) -> None:
    noise = cached.campaign_noise(found.campaign.key)
    if noise is None:
        return
    with st.container(border=True, key="card_campaign_noise"):
        st.subheader("Noise", anchor=False)
        for said in told.noise_said(noise):
            st.markdown(plain(said))
    for table in told.added(noise):
        _table(found, table)
