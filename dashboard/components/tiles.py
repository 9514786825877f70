"""The overview's tiles: a number, what it means now, its course, and the list behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from dashboard import page
from dashboard.page import Query


@dataclass(frozen=True, slots=True)
class Tile:
    """One number.

    Attributes:
        note: What stands under the number; never a comparison, so it has no arrow.
        colour: Of the note and the course; one of Streamlit's colour words.
        course: Evenly spaced values up to now.
        target: Key of the page behind the number.
        query: What that page is asked for.
    """

    key: str
    title: str
    value: str
    note: str
    icon: str
    explanation: str
    course: Sequence[float] = ()
    shape: str = "area"
    colour: str = "primary"
    target: str = "deliveries"
    query: Query = field(default_factory=dict)


def show(tile: Tile) -> None:
    """Draw a tile; all of it is one link (see console.css)."""
    with st.container(key=f"tile_{tile.key}", height="stretch", gap=None):
        st.metric(
            tile.title,
            tile.value,
            tile.note,
            delta_color=tile.colour,  # type: ignore[arg-type]
            delta_arrow="off",
            icon=tile.icon,
            border=True,
            height="stretch",
            chart_data=list(tile.course) or None,
            chart_type=tile.shape,  # type: ignore[arg-type]
        )
        page.link(tile.target, f"{tile.title}: {tile.explanation}", tile.query)
