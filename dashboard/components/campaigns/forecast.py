"""What a pre-flight foretold of a campaign, as it is kept with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import charts, page
from dashboard.access import Permission
from dashboard.changing import campaigning
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.reading import campaigns as reading
from dashboard.reading.campaigns import Foretold
from dashboard.showing.safe import code, plain
from dashboard.showing.words import label, moment, number
from models.reasons import sentence
from models.records import Campaign, PreflightAsked
from models.states import CampaignState, DeliveryState

_BEFORE = {CampaignState.DRAFT, CampaignState.SCHEDULED, CampaignState.RUNNING}
"""Something of it may be still to begin."""


_TICK = "1s"
_NONE_YET = (
    "What it would come to, decided by planner and gate for the whole audience. Sends nothing."
)


def show(one: Campaign) -> None:
    """Draw the last one, the one that is being made, and what one may do about it."""
    found = reading.foretold(one)
    with st.container(border=True, key="card_campaign_forecast"):
        st.subheader("Pre-flight", anchor=False)
        if found.stale:
            st.warning(f"Stale: {', '.join(found.stale)} changed since. Make it anew.")
        if found.last is not None:
            _foretold(found.last)
        else:
            st.caption(_NONE_YET)
        if found.asked is not None and not found.asked.fault:
            st.fragment(_watch, run_every=_TICK, key="campaign_foretelling")(one, found.asked)
            return
        if found.asked is not None:
            st.error(plain(f"It could not be made: {found.asked.fault}"))
        _offer(one, found)


def _watch(one: Campaign, drawn: PreflightAsked) -> None:
    """Draw how far it came; the page is drawn anew once it is over."""
    identity.demand(Permission.SEE_CAMPAIGNS)
    asked = reading.foretold(one).asked
    if asked is None or asked.fault or asked.asked_at != drawn.asked_at:
        st.rerun()
    st.progress(asked.done / 100, f"Looks at everybody: {asked.done} per cent")
    if identity.may(Permission.EDIT_CAMPAIGNS, one.team) and st.button(
        "Stop", icon=":material/close:", key="campaign_stop_foretelling"
    ):
        who = identity.current().person
        attempt(lambda: campaigning.stop_foretelling(who, one.key), "The pre-flight is stopped")


def _offer(one: Campaign, found: Foretold) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if identity.may(Permission.EDIT_CAMPAIGNS, one.team) and one.state in _BEFORE:
            words = "Pre-flight" if found.last is None else "Pre-flight anew"
            if st.button(words, icon=":material/flight_takeoff:", key="campaign_foretell"):
                who = identity.current().person
                attempt(lambda: campaigning.foretell(who, one.key), "The pre-flight is under way")
        st.caption(f"Or {code(f'tidings campaigns preflight {one.key}')}", width="content")


def _foretold(found: Mapping[str, Any]) -> None:
    zone = page.zone()
    made, ends = (
        found[name] and datetime.fromisoformat(found[name]) for name in ("made_at", "ends_at")
    )
    told = {(each["state"], each["reason"]): each["messages"] for each in found["outcomes"]}
    sent = told.pop((DeliveryState.SENT, ""), 0)
    last = f", the last one on {moment(ends, zone)}" if ends else ""
    st.markdown(
        f"**{number(found['audience'])}** people, **{number(sent)}** messages go{plain(last)}."
    )
    _curve(found["hours"])
    for words, many in _reasons(found, told).items():
        st.markdown(f"{number(many)} · {plain(words)}")
    _costs(found)
    for other in found["others"]:
        what = f"campaign {other['campaign']}" if other["campaign"] else f"news of {other['topic']}"
        st.markdown(f"{number(other['people'])} of them get {plain(what)} in the same days")
    st.caption(f"Foretold on {moment(made, zone)} for run {found['run']}. Times in {zone}.")


def _costs(found: Mapping[str, Any]) -> None:
    """Over which account how many go; forecasts of older versions do not say."""
    for one in found.get("accounts", ()):
        price = "no price" if one["cost"] is None else f"{one['cost']} {found['currency']}"
        st.markdown(f"{number(one['messages'])} over {code(one['account'])}, {price}")
    if found.get("cost") is not None:
        st.markdown(f"It costs **{found['cost']} {plain(found['currency'])}**.")


def _curve(hours: Mapping[str, int]) -> None:
    rows = [
        {"at": datetime.fromisoformat(at), "held": "Messages", "rows": many}
        for at, many in hours.items()
    ]
    if len(rows) > 1:
        st.vega_lite_chart(
            charts.frame(rows), charts.releases(rows), height=180,
            alt="How many messages go in each hour",
        )  # fmt: skip


def _reasons(found: Mapping[str, Any], told: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Why how many get nothing, or not at once."""
    out = {f"Left out: {sentence(why)}": many for why, many in found["left_out"].items()}
    out |= {f"{label(state)}: {sentence(why)}": many for (state, why), many in told.items()}
    return out | {f"Waits first: {sentence(why)}": many for why, many in found["held"].items()}
