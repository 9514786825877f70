"""Charts as Vega-Lite specifications: plain dicts, which cost a hundredth of building them. Pure.

Colours come from the theme; times are drawn in the viewer's own zone by the browser.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard.showing.figures import History, histograms, quantile
from dashboard.showing.spans import bins
from dashboard.showing.words import STATE_COLOURS, label
from models.readings.held import ReleaseBin
from models.reasons import sentence
from models.states import DeliveryState

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

_FRAME: Spec = {
    "padding": {"top": 0, "bottom": 0, "left": 0, "right": 0},
    "config": {"view": {"strokeWidth": 0}},
}
_BARE: Spec = {"title": None, "domain": False, "ticks": False}


def _time(step_is_long: bool) -> Spec:  # noqa: FBT001 - two formats, one question
    shown = "%d %b" if step_is_long else "%H:%M"
    axis = {**_BARE, "grid": False, "format": shown, "tickCount": 7, "labelOverlap": True}
    return {"field": "at", "type": "temporal", "axis": axis}


def _is_long(history: History) -> bool:
    return (history.period.until - history.period.since).days > 1


def volume_rows(history: History) -> Rows:
    """Sent by bin and channel, with a row also where nothing was sent.

    The running bin is left out: half of a bin would look like an outage.
    """
    counts: dict[tuple[datetime, str], int] = {}
    for flow in history.flows:
        if flow.state == DeliveryState.SENT:
            counts[flow.at, flow.channel] = counts.get((flow.at, flow.channel), 0) + flow.entered
    channels = sorted({channel for _, channel in counts})
    return [
        {"at": at, "channel": label(channel), "sent": counts.get((at, channel), 0)}
        for at in bins(history.period)[:-1]
        for channel in channels
    ]


def volume(history: History) -> Spec:
    """A stacked area: how much was sent on each channel."""
    x = _time(_is_long(history))
    tooltip = [
        {"field": "at", "type": "temporal", "title": "Time", "format": "%d %b %H:%M"},
        {"field": "channel", "title": "Channel"},
        {"field": "sent", "type": "quantitative", "title": "Sent", "format": ",.0f"},
    ]
    return {
        "mark": {"type": "area", "interpolate": "monotone", "line": True, "opacity": 0.85},
        "encoding": {
            "x": x,
            "y": {
                "field": "sent",
                "type": "quantitative",
                "stack": True,
                "axis": {**_BARE, "format": "~s", "tickCount": 5},
            },
            "color": {"field": "channel", "type": "nominal", "legend": _LEGEND},
            "tooltip": tooltip,
        },
        **_FRAME,
    }


def release_rows(releases: Sequence[ReleaseBin], hours: Sequence[datetime]) -> Rows:
    """What comes due in each hour, by what holds it, with a row also where nothing does."""
    counts = {(one.at, one.held_for): one.rows for one in releases}
    return [
        {"at": at, "held": label(held), "rows": counts.get((at, held), 0)}
        for at in hours
        for held in sorted({one.held_for for one in releases})
    ]


def releases(rows: Rows) -> Spec:
    """Stacked bars: how much comes due, hour by hour."""
    return {
        "mark": {"type": "bar", "binSpacing": 1, "cornerRadiusEnd": 2},
        "encoding": {
            "x": {**_time(step_is_long=False), "timeUnit": "yearmonthdatehours"},
            "y": {
                "field": "rows",
                "type": "quantitative",
                "stack": True,
                "axis": {**_BARE, "format": "~s", "tickCount": 4},
            },
            "color": {
                "field": "held",
                "type": "nominal",
                "legend": _LEGEND,
                "sort": sorted({row["held"] for row in rows}),
            },
            "tooltip": [
                {"field": "at", "type": "temporal", "title": "From", "format": "%d %b %H:%M"},
                {"field": "held", "title": "Held for"},
                {"field": "rows", "type": "quantitative", "title": "Deliveries", "format": ",.0f"},
            ],
        },
        **_FRAME,
    }


_LEGEND: Spec = {"orient": "top", "title": None, "symbolType": "circle", "offset": 4}


def latency_rows(history: History) -> Rows:
    """The quantiles of commit → sent in seconds, for each bin in which something was sent."""
    found: Rows = []
    for at, histogram in sorted(histograms(history).items()):
        for name, share in QUANTILES.items():
            value = quantile(histogram, share)
            if value is not None:
                found.append({"at": at, "quantile": name, "seconds": value / 1000})
    return found


def latency(history: History) -> Spec:
    """Lines on a logarithmic scale: how long it took from the producer's commit to the wire."""
    return {
        "mark": {"type": "line", "interpolate": "monotone", "strokeWidth": 2},
        "encoding": {
            "x": _time(_is_long(history)),
            "y": {
                "field": "seconds",
                "type": "quantitative",
                "scale": {"type": "log", "nice": False},
                "axis": {**_BARE, "values": _TICKS, "labelExpr": _SECONDS},
            },
            "color": {
                "field": "quantile",
                "type": "nominal",
                "sort": list(QUANTILES),
                "legend": {**_LEGEND, "symbolType": "stroke"},
            },
            "tooltip": [
                {"field": "at", "type": "temporal", "title": "Time", "format": "%d %b %H:%M"},
                {"field": "quantile", "title": "Share"},
                {"field": "seconds", "type": "quantitative", "title": "Seconds", "format": ".3~f"},
            ],
        },
        **_FRAME,
    }


_TICKS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60, 600, 3600]
_SECONDS = (
    "datum.value < 1 ? datum.value * 1000 + ' ms'"
    " : datum.value < 60 ? datum.value + ' s' : datum.value / 60 + ' min'"
)


def outcome_rows(outcomes: Sequence[tuple[str, str, int]], most: int = 8) -> Rows:
    """The commonest reasons, with the sentence for each."""
    return [
        {
            "outcome": label(state),
            "reason": label(reason) if reason else label(state),
            "sentence": sentence(reason),
            "count": count,
        }
        for state, reason, count in outcomes[:most]
    ]


def outcomes(rows: Rows, colours: Mapping[str, str]) -> Spec:
    """Bars: what was not simply sent, by reason.

    Args:
        rows: Of `outcome_rows`.
        colours: The theme's colours by name, as hex.
    """
    names = list(dict.fromkeys(row["reason"] for row in rows))
    axis = {**_BARE, "labelLimit": 160}
    y = {"field": "reason", "type": "nominal", "sort": names, "axis": axis}
    longest = max((row["count"] for row in rows), default=1)
    return {"layer": [_bars(y, longest, _outcome_colour(rows, colours)), _numbers(y)], **_FRAME}


def _outcome_colour(rows: Rows, colours: Mapping[str, str]) -> Spec:
    states = list(dict.fromkeys(row["outcome"] for row in rows))
    ours = {label(state): colours.get(name, "#888888") for state, name in STATE_COLOURS.items()}
    return {
        "field": "outcome",
        "type": "nominal",
        "scale": {"domain": states, "range": [ours[state] for state in states]},
        "legend": _LEGEND,
    }


def _bars(y: Spec, longest: int, colour: Spec) -> Spec:
    x = {
        "field": "count",
        "type": "quantitative",
        "scale": {"domainMax": 1.15 * longest},  # room for the number behind it
        "axis": {**_BARE, "labels": False, "grid": False},
    }
    tooltip = [
        {"field": "outcome", "title": "Outcome"},
        {"field": "sentence", "title": "Reason"},
        {"field": "count", "type": "quantitative", "title": "Deliveries", "format": ","},
    ]
    return {
        "mark": {"type": "bar", "cornerRadiusEnd": 4, "height": 14},
        "encoding": {"y": y, "x": x, "color": colour, "tooltip": tooltip},
    }


def _numbers(y: Spec) -> Spec:
    """Each bar's number behind it; a reason that two outcomes share has one for both."""
    return {
        "mark": {"type": "text", "align": "left", "dx": 6, "baseline": "middle", "color": "gray"},
        "encoding": {
            "y": y,
            "x": {"field": "count", "type": "quantitative", "aggregate": "sum"},
            "text": {"field": "count", "aggregate": "sum", "format": ","},
        },
    }


def frame(rows: Rows) -> pd.DataFrame:
    """Rows as the frame that Streamlit sends."""
    return pd.DataFrame(rows)
