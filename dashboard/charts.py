"""The charts of the pages Overview and Held, as Vega-Lite specifications. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard.showing import vega
from dashboard.showing.figures import History, histograms, quantile
from dashboard.showing.spans import bins
from dashboard.showing.vega import Spec
from dashboard.showing.words import STATE_COLOURS, label
from models.readings.held import ReleaseBin
from models.reasons import sentence
from models.states import DeliveryState

Rows = list[dict[str, Any]]

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


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
    x = vega.time(long=_is_long(history))
    tooltip = [
        vega.WHEN, {"field": "channel", "title": "Channel"}, vega.figure("sent", "Sent", ",.0f"),
    ]  # fmt: skip
    return {
        "mark": {"type": "area", "interpolate": "monotone", "line": True, "opacity": 0.85},
        "encoding": {
            "x": x,
            "y": vega.count("sent", 5, stack=True),
            "color": {"field": "channel", "type": "nominal", "legend": vega.LEGEND},
            "tooltip": tooltip,
        },
        **vega.FRAME,
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
            "x": {**vega.time(long=False), "timeUnit": "yearmonthdatehours"},
            "y": vega.count("rows", stack=True),
            "color": {
                "field": "held",
                "type": "nominal",
                "legend": vega.LEGEND,
                "sort": sorted({row["held"] for row in rows}),
            },
            "tooltip": [
                {**vega.WHEN, "title": "From"},
                {"field": "held", "title": "Held for"},
                vega.figure("rows", "Deliveries", ",.0f"),
            ],
        },
        **vega.FRAME,
    }


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
            "x": vega.time(long=_is_long(history)),
            "y": vega.seconds("seconds"),
            "color": {
                "field": "quantile",
                "type": "nominal",
                "sort": list(QUANTILES),
                "legend": {**vega.LEGEND, "symbolType": "stroke"},
            },
            "tooltip": [
                vega.WHEN,
                {"field": "quantile", "title": "Share"},
                vega.figure("seconds", "Seconds", ".3~f"),
            ],
        },
        **vega.FRAME,
    }


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
    axis = {**vega.BARE, "labelLimit": 160}
    y = {"field": "reason", "type": "nominal", "sort": names, "axis": axis}
    longest = max((row["count"] for row in rows), default=1)
    return {"layer": [_bars(y, longest, _outcome_colour(rows, colours)), _numbers(y)], **vega.FRAME}


def _outcome_colour(rows: Rows, colours: Mapping[str, str]) -> Spec:
    states = list(dict.fromkeys(row["outcome"] for row in rows))
    ours = {label(state): colours.get(name, "#888888") for state, name in STATE_COLOURS.items()}
    return {
        "field": "outcome",
        "type": "nominal",
        "scale": {"domain": states, "range": [ours[state] for state in states]},
        "legend": vega.LEGEND,
    }


def _bars(y: Spec, longest: int, colour: Spec) -> Spec:
    x = {
        "field": "count",
        "type": "quantitative",
        "scale": {"domainMax": 1.15 * longest},  # room for the number behind it
        "axis": {**vega.BARE, "labels": False, "grid": False},
    }
    tooltip = [
        {"field": "outcome", "title": "Outcome"},
        {"field": "sentence", "title": "Reason"},
        vega.figure("count", "Deliveries"),
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
