"""The calendar of campaigns: what goes out when, across teams, and whom it hits twice."""

from datetime import date
from zoneinfo import ZoneInfo, available_timezones

import pandas as pd
import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.components import tables
from dashboard.page import Page
from dashboard.reading import calendar as reading
from dashboard.reading.calendar import Days
from dashboard.showing import calendar as showing
from dashboard.showing.calendar import MONTH, WEEK, Marks, Span
from dashboard.showing.safe import plain
from models.states import CampaignState

_FROM, _SPAN, _TEAM, _ZONE = "from", "span", "team", "zone"
_EVERY = "All teams"
_CLASHES = 10
"""How many are told in words; marks and the table have them all."""


def render() -> None:
    """Draw the days that the URL names."""
    asked = st.query_params
    zone = _zone(asked.get(_ZONE))
    today = data.database().now().astimezone(zone).date()
    kind = WEEK if asked.get(_SPAN) == WEEK else MONTH
    day = _day(asked.get(_FROM), today)
    found = showing.span(kind, day, zone)
    with page.header("Calendar", f"{showing.heading(found)}, times in {zone}"):
        _ways(kind, day, today)
    team = asked.get(_TEAM)
    days = reading.days(found.since, found.until, zone, team)
    _filters(kind, zone, team, days)
    marked = showing.marks(days.clashes, days.tight, today)
    _show(found, days, marked)


def _zone(name: str | None) -> ZoneInfo:
    return ZoneInfo(name) if name in available_timezones() else page.zone()


def _day(text: str | None, today: date) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return today


def _ways(kind: str, day: date, today: date) -> None:
    steps = (
        ("Earlier", "arrow_back", showing.following(kind, day, -1)),
        ("Today", "today", today),
        ("Later", "arrow_forward", showing.following(kind, day, 1)),
    )
    for words, icon, to in steps:
        if st.button(words, icon=f":material/{icon}:", key=f"calendar_{icon}"):
            _ask(_FROM, to.isoformat())


def _ask(name: str, value: str | None) -> None:
    """Draw the page again for other days, another team or another zone."""
    if value is None:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
    st.rerun()


def _filters(kind: str, zone: ZoneInfo, team: str | None, days: Days) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Span", [WEEK, MONTH], default=kind, key=f"calendar_span_{kind}", required=True
        )
        teams = [_EVERY, *days.teams]
        place = teams.index(team) if team in teams else 0
        owner = st.selectbox("Team", teams, place, key=f"calendar_team_{team}", width=220)
        zones = sorted(available_timezones())
        other = st.selectbox(
            "Time zone", zones, zones.index(str(zone)), key=f"calendar_zone_{zone}", width=220
        )
    if chosen != kind:
        _ask(_SPAN, chosen)
    if owner != teams[place]:
        _ask(_TEAM, None if owner == _EVERY else owner)
    if other != str(zone):
        _ask(_ZONE, other)


def _show(found: Span, days: Days, marked: Marks) -> None:
    twice = showing.warnings(days.clashes, found.zone)
    for said in twice[:_CLASHES]:
        st.warning(plain(said), icon=":material/group:")
    if len(twice) > _CLASHES:
        st.caption(f"And {len(twice) - _CLASHES} more: see the column Note.")
    for one in days.tight:
        st.warning(plain(f"{one.day:%a %d %b}: {showing.tightness(one)}"), icon=":material/block:")
    st.html(showing.html(found, days.entries, marked))
    if not days.entries:
        st.caption("Nothing goes out in these days. Drafts stand here once they have a time.")
        return
    _table(found, days, marked)


def _table(found: Span, days: Days, marked: Marks) -> None:
    chosen = tables.choose(
        pd.DataFrame(showing.table(days.entries, marked)), _columns(found.zone), "calendar_table",
        "The same as a table, in the order of time",
    )  # fmt: skip
    st.caption("Click a row to open the campaign. Numbers are people, as far as counted.")
    if chosen is not None:
        page.go("campaigns", {"campaign": [days.entries[chosen].campaign.key]})


def _columns(zone: ZoneInfo) -> dict[str, object]:
    return {
        "at": tables.moments("Goes at", zone),
        "title": st.column_config.TextColumn("Campaign", width="medium"),
        "step": st.column_config.TextColumn("Step", width=90),
        "part": st.column_config.TextColumn("Part", width=76),
        "people": st.column_config.NumberColumn("People", width=84),
        "audience": st.column_config.TextColumn("Audience", width="small"),
        "team": st.column_config.TextColumn("Team", width=84),
        "state": tables.chips(list(CampaignState)),
        "note": st.column_config.TextColumn("Note", width="medium"),
    }


PAGE = Page(
    key="calendar",
    title="Calendar",
    icon=":material/calendar_month:",
    section="Author",
    needs=Permission.SEE_CAMPAIGNS,
    summary="What campaigns send when, across teams, whom they hit twice, and where caps are full.",
    render=render,
)
