"""A chart in a card: what it shows, its units and zone, where it leads, and the same as a table."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import page
from dashboard.page import Query
from dashboard.showing.safe import plain
from delivery.sheets import guarded


@dataclass(frozen=True, slots=True)
class Card:
    """One chart.

    Attributes:
        caption: Units, and the time zone where it has a time.
        nothing: What stands where there is nothing to draw.
        columns: Name in the rows to the heading of the table.
        links: (page, text, what it is asked for).
    """

    key: str
    title: str
    caption: str
    nothing: str
    columns: Mapping[str, str]
    links: Sequence[tuple[str, str, Query]] = ()
    height: int = 240
    notes: Sequence[str] = field(default_factory=tuple)


def show(
    card: Card,
    rows: Sequence[Mapping[str, object]],
    spec: Mapping[str, Any],
    pick: str | None = None,
) -> Any:
    """Draw it.

    Args:
        card: What stands around the chart.
        rows: What it draws.
        spec: How, for Vega-Lite.
        pick: Name of what may be clicked in it.

    Returns:
        What was clicked, as Streamlit tells it; `None` where nothing can be.
    """
    chosen = None
    with st.container(border=True, key=f"card_{card.key}", height="stretch"):
        st.subheader(plain(card.title), anchor=False)
        st.caption(plain(card.caption))
        if not rows:
            st.space("medium")
            st.caption(plain(card.nothing), text_alignment="center")
            return None
        frame = pd.DataFrame(list(rows))
        asked: dict[str, Any] = {"on_select": "rerun", "selection_mode": pick} if pick else {}
        chosen = st.vega_lite_chart(
            frame, dict(spec), height=card.height, alt=f"{card.title}. {card.caption}",
            key=f"chart_{card.key}", **asked,
        )  # fmt: skip
        for note in card.notes:
            st.caption(plain(note))
        _foot(card, frame)
    return chosen if pick else None


def _foot(card: Card, frame: pd.DataFrame) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for target, text, query in card.links:
            page.link(target, text, query, icon=":material/arrow_forward:")
        with st.popover("Table", icon=":material/table:", key=f"table_{card.key}"):
            shown = frame[list(card.columns)].rename(columns=dict(card.columns))
            st.dataframe(
                shown, hide_index=True, height=320, width=520, alt=f"{card.title}, as a table"
            )
            st.download_button(
                "CSV", as_csv(shown), f"{card.key}.csv", "text/csv", icon=":material/download:",
                key=f"csv_{card.key}", on_click="ignore",
            )  # fmt: skip


def as_csv(frame: pd.DataFrame) -> bytes:
    """The table as a file; times in UTC, no cell a formula."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(map(guarded, frame.columns))
    for row in frame.itertuples(index=False):
        writer.writerow(map(_cell, row))
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return guarded(value) if isinstance(value, str) else value
