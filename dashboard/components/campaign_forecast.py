"""What a pre-flight foretold of a campaign, as it is kept with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import charts, page
from dashboard.reading import campaigns as reading
from dashboard.showing.safe import code, plain
from dashboard.showing.words import label, moment, number
from models.reasons import sentence
from models.states import DeliveryState


def show(key: str) -> None:
    """Draw the last one, or say how one is made."""
    found = reading.forecast(key)
    with st.container(border=True, key="card_campaign_forecast"):
        st.subheader("Pre-flight", anchor=False)
        if found is not None:
            _foretold(found)
        made = (
            "Made anew" if found else "What it would come to, decided by planner and gate, is told"
        )
        st.caption(f"{made} by {code(f'tidings campaigns preflight {key}')}")


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
    for other in found["others"]:
        what = f"campaign {other['campaign']}" if other["campaign"] else f"news of {other['topic']}"
        st.markdown(f"{number(other['people'])} of them get {plain(what)} in the same days")
    st.caption(f"Foretold on {moment(made, zone)} for run {found['run']}. Times in {zone}.")


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
