"""A campaign's report: from who was to get it to what they did, and how sure that is."""

from collections.abc import Mapping

import streamlit as st

from dashboard.components.campaign_rates import rates
from dashboard.reading import campaigns as reading
from dashboard.reading.campaigns import Line, Report
from dashboard.showing.words import label, number
from models.reasons import sentence


def show(line: Line) -> None:
    """Draw the funnel, why some got nothing, and the rates of each variant."""
    found = reading.told(line.campaign.key, line.runs)
    funnel = found.funnel
    told = funnel.tally
    numbers = {
        "Eligible people": funnel.eligible,
        "Waiting": sum(funnel.waiting.values()),
        "Not sent": sum(told.unsent.values()),
        "Handed over": told.handed_over,
        "Delivered": told.ended.get("delivered", 0),
        "Opened by people": told.opened,
        "Clicked": told.clicked,
        "Converted": told.converted,
        "Complained": told.complained,
        "Opened, by machines": told.machines,
    }
    with st.grid(5, min_column_width=150, gap="small"):
        for words, value in numbers.items():
            st.metric(words, number(value), border=True)
    left, right = st.columns(2, gap="medium")
    with left:
        _reasons(found)
    with right:
        rates(found.variants)


def _reasons(found: Report) -> None:
    st.subheader("Why some got nothing (yet)", anchor=False)
    told: dict[str, int] = {}
    _add(told, {f"Left out: {sentence(why)}": n for why, n in found.left_out.items()})
    _add(told, {_waits(why): n for why, n in found.funnel.waiting.items()})
    _add(
        told,
        {
            f"{label(state)}: {sentence(why) or 'no reason given'}": n
            for (state, why), n in found.funnel.tally.unsent.items()
        },
    )
    if not told:
        st.caption("Nobody is left out, and nothing waits.")
        return
    rows = {"Why": list(told), "Number": list(told.values())}
    st.dataframe(rows, hide_index=True, alt="Why some got nothing, or nothing yet")


def _waits(why: str) -> str:
    return "Waiting: due now" if why == "due" else f"Waiting: {sentence(why)}"


def _add(told: dict[str, int], more: Mapping[str, int]) -> None:
    told |= {words: number for words, number in more.items() if number}
