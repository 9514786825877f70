"""Overview: how delivery stands now, how it went, and what needs somebody."""

from collections.abc import Mapping

import streamlit as st

from dashboard import charts, page
from dashboard.access import Permission
from dashboard.components import attention, tiles
from dashboard.door import identity
from dashboard.page import Page
from dashboard.reading import approvals, cached
from dashboard.showing import figures, spans, words
from dashboard.showing.overview import tiles_of
from dashboard.showing.spans import Span
from dashboard.showing.vega import Spec

TICK = "5s"
"""How often the tiles are drawn anew in every open tab."""
CHART_TICK = "30s"


def render() -> None:
    """Draw the page."""
    actions = page.header("Overview", "How delivery stands and how it went")
    with actions:
        span = st.segmented_control(
            "Range",
            list(spans.LIVE),
            default=Span.HOUR,
            required=True,
            key="range",
            bind="query-params",
            label_visibility="collapsed",
        )
        live = st.toggle("Live", value=True, key="live")
    chosen = Span(span or Span.HOUR)
    st.fragment(_tiles, run_every=TICK if live else None, key="tiles")(chosen)
    st.fragment(_charts, run_every=CHART_TICK if live else None, key="charts")(chosen)


def _tiles(span: Span) -> None:
    identity.demand(Permission.SEE)
    queue, history = cached.queue(), cached.counted(span)
    with st.grid(4, min_column_width=190, gap="small"):
        for tile in tiles_of(span, history, queue):
            tiles.show(tile)
    at = words.clock(queue.now, page.zone())
    st.caption(f":green[●] As of {at}, times in {page.zone()}")


def _charts(span: Span) -> None:
    identity.demand(Permission.SEE)
    history = cached.counted(span)
    zone = f"times in {page.zone()}"
    left, right = st.columns([1.75, 1], gap="small")
    with left, st.container(border=True, key="card_volume", height="stretch"):
        st.subheader(f"Sent by channel, {spans.WORDS[span]}", anchor=False)
        st.caption(f"Deliveries each {spans.STEP_WORDS[span]}, {zone}")
        _chart(
            charts.volume_rows(history),
            charts.volume(history),
            "Deliveries sent on each channel over time",
        )
    with right, st.container(border=True, key="card_latency", height="stretch"):
        st.subheader("Producer's commit → sent", anchor=False)
        st.caption(f"Median, 95th and 99th percentile, {zone}")
        _chart(
            charts.latency_rows(history),
            charts.latency(history),
            "Time from the producer's commit to the hand-over: median, 95th, 99th percentile",
        )
    left, right = st.columns([1, 1.35], gap="small")
    with left, st.container(border=True, key="card_outcomes", height="stretch"):
        st.subheader("Not sent or in doubt, by reason", anchor=False)
        st.caption(f"Deliveries, {spans.WORDS[span]}")
        rows = charts.outcome_rows(figures.outcomes(history.flows))
        _chart(
            rows,
            charts.outcomes(rows, _colours()),
            "Deliveries that were not sent, are in doubt or came back, by reason",
        )
    with right, st.container(border=True, key="card_attention", height="stretch"):
        st.subheader("Needs attention", anchor=False)
        waiting = attention.asks(approvals.waiting_for(identity.current()))
        attention.show(waiting + attention.lines(span, history, cached.signs()))


def _chart(rows: charts.Rows, spec: Spec, alt: str) -> None:
    if rows:
        st.vega_lite_chart(charts.frame(rows), spec, height=260, alt=alt)
        return
    st.space("medium")
    st.caption("Nothing in this range yet.", text_alignment="center")


def _colours() -> Mapping[str, str]:
    scheme = st.context.theme.type or "light"
    names = ("red", "orange", "green", "blue", "violet", "gray")
    return {name: st.get_option(f"theme.{scheme}.{name}Color") for name in names}


PAGE = Page(
    key="overview",
    title="Overview",
    icon=":material/monitoring:",
    section="",
    needs=Permission.SEE,
    summary="How delivery stands now, how it went, and what needs somebody.",
    render=render,
)
