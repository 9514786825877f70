"""Campaigns: what goes to an audience, when, how far it came, and what became of it."""

import pandas as pd
import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing.teams import Owned
from dashboard.components import done, sheet, tables
from dashboard.components.campaigns import card, desk, form, listing, orders
from dashboard.components.people import ownership
from dashboard.door import identity
from dashboard.page import Page
from dashboard.reading import campaigns as reading
from dashboard.reading.campaigns import UNDER_WAY, Line
from dashboard.showing import campaigns as showing
from dashboard.showing.campaigns import Order
from dashboard.showing.safe import plain
from dashboard.showing.words import label
from models.states import CampaignState

_OPEN = "campaign"
_TABLE = "campaigns_table"


def render() -> None:
    """Draw the list, or the campaign that the URL names."""
    key = st.query_params.get(_OPEN)
    if key is None:
        _list()
        return
    line = reading.line(key)
    if line is None:
        page.header("Campaigns", "What goes to an audience, and when")
        st.error(f"There is no campaign {plain(key)}.")
        page.link("campaigns", "All campaigns", icon=":material/arrow_back:")
        return
    _one(line)


def _one(line: Line) -> None:
    one = line.campaign
    may = identity.may(Permission.EDIT_CAMPAIGNS, one.team) and one.state is CampaignState.DRAFT
    writes = may and desk.is_open()
    with page.header(one.title, one.key):
        page.link("campaigns", "All campaigns", icon=":material/arrow_back:")
        if writes and _pressed("Close", "close"):
            desk.close()
            st.rerun()
        if not writes:
            orders.show(line, but={Order.START})
        if may and not writes and _pressed("Edit", "edit"):
            desk.open_(one.key)
    done.told()
    if writes:
        form.edit(one)
        return
    ownership.show(Owned.CAMPAIGN, one.key, one.team)
    card.show(line)


def _pressed(words: str, icon: str, shortcut: str | None = None) -> bool:
    return st.button(words, icon=f":material/{icon}:", key=f"campaign_{icon}", shortcut=shortcut)


def _list() -> None:
    found = reading.lines()
    may = identity.may_somewhere(Permission.EDIT_CAMPAIGNS)
    if may and desk.is_open():
        _new()
        return
    going = [line for line in found if line.campaign.state in UNDER_WAY]
    with page.header("Campaigns", f"{len(found)} in all, {len(going)} under way"):
        if may and _pressed("New campaign", "add", "N"):
            desk.open_(None)
        if found:
            sheet.take("campaigns", {}, "All campaigns")
    done.told()
    if not found:
        page.empty("No campaigns yet", "Make one here, or apply a file:",
                   "tidings campaigns apply FILE")  # fmt: skip
        return
    listing.show(found)
    _table(found)


def _new() -> None:
    with page.header("New campaign", "Nobody gets anything before it is launched"):
        if _pressed("Close", "close"):
            desk.close()
            st.rerun()
    done.told()
    form.edit(None)


def _table(found: list[Line]) -> None:
    alt = "Campaigns, last changed first"
    tables.opening(_frame(found), _columns(), _TABLE, alt, _OPEN)
    st.caption("Click a row to open it.")


def _frame(found: list[Line]) -> pd.DataFrame:
    every = [line.campaign for line in found]
    return pd.DataFrame(
        {
            "title": [one.title for one in every],
            "state": [[label(one.state)] for one in every],
            "who": [showing.who(one) for one in every],
            "done": [_share(line) for line in found],
            "next": [showing.coming(line.campaign, line.runs, line.at) for line in found],
            "topic": [one.topic for one in every],
            "team": [one.team for one in every],
            "changed": [one.updated_at for one in every],
            "by": [one.updated_by for one in every],
            "key": [one.key for one in every],
        },
        index=[one.key for one in every],
    )


def _share(line: Line) -> float | None:
    if line.campaign.state is CampaignState.FINISHED:
        return 1.0
    return None if line.progress is None else line.progress.share


def _columns() -> dict[str, object]:
    return {
        "title": st.column_config.TextColumn("Campaign", width="medium"),
        "state": tables.chips(list(CampaignState)),
        "who": st.column_config.TextColumn("Audience", width="small"),
        "done": st.column_config.ProgressColumn("Done", width=110, format="percent"),
        "next": tables.moments("Begins next", page.zone()),
        "topic": st.column_config.TextColumn("Topic", width=120),
        "team": st.column_config.TextColumn("Team", width=84),
        "changed": tables.moments("Changed", page.zone()),
        "by": st.column_config.TextColumn("By", width="small"),
        "key": st.column_config.TextColumn("Key", width="small"),
    }


PAGE = Page(
    key="campaigns",
    title="Campaigns",
    icon=":material/campaign:",
    section="Author",
    needs=Permission.SEE_CAMPAIGNS,
    summary="What goes to an audience, when, how far it came, and what became of it.",
    render=render,
)
