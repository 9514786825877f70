"""Held: everything that waits, what for, and when it comes due."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard import charts, data, page
from dashboard.access import Permission
from dashboard.components import done, tables
from dashboard.components.deliveries import releasing
from dashboard.page import Page
from dashboard.showing.figures import AHEAD, AHEAD_STEP
from dashboard.showing.safe import plain
from dashboard.showing.spans import EVER
from dashboard.showing.words import label, number
from models.readings.held import HeldLine, ReleaseBin
from models.reasons import sentence

_TABLE = "held_table"


def render() -> None:
    """Draw the page."""
    page.header("Held", "What waits, what for, and when it comes due")
    done.told()
    at, lines, bins = data.held()
    if not lines:
        page.empty("Nothing is held", "All that waits is due and has its turn.")
        return
    _ahead(at, bins)
    st.markdown(f"**{number(sum(line.rows for line in lines))}** held in all")
    chosen = _choose(lines)
    if chosen is None:
        st.caption(f"Click a row to see what lets it go. Times in {page.zone()}.")
        return
    _line(chosen)


def _ahead(at: datetime, bins: Sequence[ReleaseBin]) -> None:
    if not bins:
        st.caption("Nothing comes due within a day.")
        return
    st.markdown("**Coming due in the next 24 hours, by what holds it**")
    st.caption(f"Deliveries each hour, times in {page.zone()}")
    hours = [at + step * AHEAD_STEP for step in range(AHEAD // AHEAD_STEP)]
    rows = charts.release_rows(bins, hours)
    st.vega_lite_chart(
        charts.frame(rows), charts.releases(rows), height=200,
        alt="Deliveries that come due in the next 24 hours, by what holds them",
    )  # fmt: skip


def _choose(lines: Sequence[HeldLine]) -> HeldLine | None:
    zone = page.zone()
    frame = pd.DataFrame(
        {
            "held": [label(line.held_for) for line in lines],
            "topic": [line.topic for line in lines],
            "channel": [label(line.channel) for line in lines],
            "rows": [line.rows for line in lines],
            "first": [line.first for line in lines],
            "last": [line.last for line in lines],
        }
    )
    columns = {
        "held": st.column_config.TextColumn("Held for", width="medium"),
        "topic": st.column_config.TextColumn("Topic", width="medium"),
        "channel": st.column_config.TextColumn("Channel", width=84),
        "rows": st.column_config.NumberColumn("Deliveries", width="small"),
        "first": tables.moments("First due", zone),
        "last": tables.moments("Last due", zone),
    }
    chosen = tables.choose(frame, columns, _TABLE, "What is held, the most first")
    return None if chosen is None else lines[chosen]


def _line(line: HeldLine) -> None:
    with st.container(border=True, key="card_held"):
        st.markdown(f"**{plain(sentence(line.held_for))}** {plain(releasing.way(line.held_for))}")
        with st.container(horizontal=True, vertical_alignment="center"):
            page.link(
                "deliveries",
                f"Show {number(line.rows)} of {line.topic}",
                {
                    "reason": [label(line.held_for)],
                    "topic": [line.topic],
                    "channel": [label(line.channel)],
                    "since": [EVER],
                },
                icon=":material/arrow_forward:",
            )
            releasing.button(line)


PAGE = Page(
    key="held",
    title="Held",
    icon=":material/hourglass_top:",
    section="Watch",
    needs=Permission.SEE,
    summary="Everything that waits: what for, until when, and what lets it go.",
    render=render,
)
