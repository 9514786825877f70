"""Feedback: what came back, from whom and how fast, against what receivers bear."""

from dataclasses import replace

import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.components import filters, tiles
from dashboard.components.returns import returned
from dashboard.page import Page, Query
from dashboard.reading import cached
from dashboard.showing.feedback_tiles import tiles_of
from dashboard.showing.safe import plain
from dashboard.showing.spans import Span
from dashboard.showing.words import label
from models.readings.returns import Facets

_OF = "of_"
"""Before the names of this page's filters in the URL."""


def render() -> None:
    """Draw the page."""
    place = page.header("Feedback", "What came back, from whom and how fast")
    with place:
        chosen = st.segmented_control(
            "Range", list(Span), default=Span.WEEK, required=True, key="range",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
    span = Span(chosen or Span.WEEK)
    facets = _facets()
    try:
        found = cached.returned(span, facets)
    except data.DatabaseError as error:
        st.error(f"{plain(str(error))}. Choose a shorter range.")
        return
    asked = _asked(span, facets)
    with st.grid(4, min_column_width=190, gap="small"):
        for tile in tiles_of(span, found, asked):
            tiles.show(tile)
    returned.show(returned.Shown(span, found, facets, asked))


def _facets() -> Facets:
    channels = {label(code): code for code in filters.channels_known() if code != "in_app"}
    with st.container(horizontal=True, vertical_alignment="center", key="filters", gap="small"):
        topic = filters.one_of("Any topic", f"{_OF}topic", sorted(cached.topics()), 175)
        channel = filters.one_of("Any channel", f"{_OF}channel", list(channels), 140)
        road = filters.road(_OF)
    return replace(road, topic=topic, channel=channels.get(channel or ""))


def _asked(span: Span, facets: Facets) -> Query:
    """The filters of the page as the list of deliveries takes them."""
    said = {
        "since": span.value, "topic": facets.topic, "provider": facets.provider,
        "destination": facets.destination, "channel": facets.channel and label(facets.channel),
        "class": facets.klass and label(facets.klass),
    }  # fmt: skip
    return {name: [value] for name, value in said.items() if value}


PAGE = Page(
    key="feedback",
    title="Feedback",
    icon=":material/undo:",
    section="Watch",
    needs=Permission.SEE,
    summary="Bounces, complaints and confirmations: how many, from whom, how fast.",
    render=render,
)
