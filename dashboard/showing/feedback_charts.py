"""The charts of the page Feedback, as Vega-Lite specifications. Pure.

Colours are of Okabe and Ito's palette, which people tell apart whatever colours they see, in the
light and in the dark; a reason has the same colour in every range and chart.
"""

from collections.abc import Iterable, Mapping, Sequence

from dashboard.showing import vega
from dashboard.showing.feedback import COMPLAINTS, ENDED, LIFTED, Rows, Step
from dashboard.showing.vega import Spec
from dashboard.showing.words import label, number, per_cent
from models.reasons import Failure
from models.records import Cause, Kind

_REASONS: Mapping[str, str] = {
    Failure.ADDRESS_REFUSED: "#D55E00",
    Failure.MAILBOX_INACTIVE: "#E69F00",
    Failure.MAILBOX_FULL: "#56B4E9",
    Failure.POLICY_REFUSED: "#CC79A7",
    Failure.CONTENT_REFUSED: "#0072B2",
    Failure.RETURNED: "#009E73",
    Failure.NOT_FORWARDED: "#B79F00",
}
_CAUSES: Mapping[str, str] = {
    Cause.ADDRESS_REFUSED: "#D55E00",
    Cause.MAILBOX_INACTIVE: "#E69F00",
    Cause.SOFT_BOUNCES: "#56B4E9",
    Cause.COMPLAINT: "#CC79A7",
    Cause.UNSUBSCRIBED: "#0072B2",
    Cause.BY_HAND: "#009E73",
}
_KINDS: Mapping[str, str] = {
    Kind.DELIVERED: "#009E73",
    Kind.BOUNCED: "#D55E00",
    Kind.COMPLAINED: "#CC79A7",
}
_OTHER = "#8A8F98"
_GONE = {LIFTED: "#8A8F98", ENDED: "#B9BEC8"}


def _colour(field: str, names: Iterable[str], palette: Mapping[str, str]) -> Spec:
    shown = list(dict.fromkeys(names))
    known = {label(code): colour for code, colour in palette.items()} | _GONE
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": shown, "range": [known.get(name, _OTHER) for name in shown]},
        "legend": vega.LEGEND,
    }


def bounces(rows: Rows, *, long: bool) -> Spec:
    """Stacked bars: what bounced, bin by bin, by reason."""
    tooltip = [vega.WHEN, {"field": "reason", "title": "Reason"}, vega.figure("bounced", "Bounced")]
    return {
        "mark": {"type": "bar", "binSpacing": 1},
        "encoding": {
            "x": vega.time(long=long),
            "y": vega.count("bounced", stack=True),
            "color": _colour("reason", (str(row["reason"]) for row in rows), _REASONS),
            "tooltip": tooltip,
        },
        **vega.FRAME,
    }


PICK = "picked"
"""The name of the cell that somebody clicks."""


def heat(shades: Sequence[str], ink: str) -> Spec:
    """A table of destinations and reasons: the darker, the more of what went there came back.

    Args:
        shades: The theme's, from what stands out least.
        ink: The theme's colour of text.
    """
    axis = {
        **vega.BARE, "labelLimit": 110, "orient": "top", "labelAngle": 0, "labelOverlap": False,
        "grid": False,
    }  # fmt: skip
    x = {"field": "reason", "type": "nominal", "sort": None, "axis": axis}
    y = {
        "field": "destination", "type": "nominal", "sort": None,
        "axis": {**vega.BARE, "labelLimit": 110, "grid": False},
    }  # fmt: skip
    tooltip = [
        {"field": "destination", "title": "Destination"}, {"field": "reason", "title": "Reason"},
        vega.figure("bounced", "Bounced"), vega.figure("sent", "Sent there"),
        vega.figure("share", "Share", ".2%"),
    ]  # fmt: skip
    colour = {
        "field": "share", "type": "quantitative", "legend": None,
        "scale": {"range": [*shades[:6]], "type": "sqrt", "domainMin": 0},
    }  # fmt: skip
    text = vega.figure("bounced", "Bounced")
    return {
        "layer": [
            {
                "params": [{"name": PICK, "select": {"type": "point", "encodings": ["x", "y"]}}],
                "mark": {"type": "rect", "cornerRadius": 5, "cursor": "pointer"},
                "encoding": {"x": x, "y": y, "color": colour, "tooltip": tooltip},
            },
            {
                "mark": {"type": "text", "color": ink, "fontSize": 12, "aria": False},
                "encoding": {"x": x, "y": y, "text": text},
            },
        ],
        **vega.FRAME,
    }


def complaints(rows: Rows, colours: Mapping[str, str], *, long: bool) -> Spec:
    """A line under the receivers' thresholds and ours.

    Args:
        rows: Of `feedback.complaints`.
        colours: The theme's colours by name, as hex.
        long: Whether the range is of days.
    """
    rates = [float(str(row["rate"])) for row in rows]
    top = max(1.1 * max(rates, default=0.0), 1.15 * COMPLAINTS.act)
    axis = {**vega.BARE, "format": ".2%", "tickCount": 4}
    y = {"field": "rate", "type": "quantitative", "scale": {"domain": [0, top]}, "axis": axis}
    tooltip = [
        vega.WHEN, vega.figure("rate", "Complaint rate", ".3%"),
        vega.figure("complaints", "Complaints"), vega.figure("sent", "Sent"),
    ]  # fmt: skip
    line = {
        "mark": {"type": "line", "interpolate": "monotone", "strokeWidth": 2, "point": False},
        "encoding": {
            "x": vega.time(long=long), "y": y, "color": {"value": "#0072B2"}, "tooltip": tooltip,
        },
    }  # fmt: skip
    limits = [
        (COMPLAINTS.watch, f"ours {COMPLAINTS.watch:.2%}", colours["gray"]),
        (COMPLAINTS.review, f"stay under {COMPLAINTS.review:.2%}", colours["orange"]),
        (COMPLAINTS.act, f"never {COMPLAINTS.act:.2%}", colours["red"]),
    ]
    return {"layer": [*(part for limit in limits for part in _limit(*limit)), line], **vega.FRAME}


def _limit(at: float, name: str, colour: str) -> list[Spec]:
    once: Spec = {"values": [{}]}  # else it is drawn once a row
    y = {"datum": at, "type": "quantitative"}
    text = {"type": "text", "align": "left", "baseline": "bottom", "dx": 2, "dy": -2}
    return [
        {
            "data": once,
            "mark": {"type": "rule", "strokeDash": [5, 4], "color": colour},
            "encoding": {"y": y},
        },
        {
            "data": once,
            "mark": {**text, "color": colour, "fontSize": 11},
            "encoding": {"y": y, "x": {"value": 0}, "text": {"value": name}},
        },
    ]


def funnel_rows(steps: Sequence[Step]) -> Rows:
    """The steps with what stands behind each bar."""
    return [
        {"step": step.name, "count": step.count or 0, "said": _said(step, first=not place)}
        for place, step in enumerate(steps)
    ]


def _said(step: Step, *, first: bool) -> str:
    if step.count is None:
        return "no delivery feedback"
    if first or not step.of:
        return number(step.count)
    return f"{number(step.count)} ({per_cent(min(step.count / step.of, 1.0))})"


def funnel(rows: Rows, colour: str, ink: str) -> Spec:
    """Bars, one a step, with its number and share behind it."""
    y = {
        "field": "step", "type": "nominal", "sort": None,
        "axis": {**vega.BARE, "labelLimit": 130},
    }  # fmt: skip
    longest = max((int(str(row["count"])) for row in rows), default=1) or 1
    x = {
        "field": "count", "type": "quantitative", "scale": {"domain": [0, 1.45 * longest]},
        "axis": {**vega.BARE, "labels": False, "grid": False},
    }  # fmt: skip
    tooltip = [{"field": "step", "title": "Step"}, {"field": "said", "title": "Deliveries"}]
    bar = {"type": "bar", "cornerRadiusEnd": 4, "height": 18, "color": colour}
    return {
        "layer": [
            {"mark": bar, "encoding": {"y": y, "x": x, "tooltip": tooltip}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": ink},
                "encoding": {"y": y, "x": x, "text": {"field": "said"}},
            },
        ],
        **vega.FRAME,
    }


_FEW = 8
"""So few points are marked: a line through one of them would not be seen."""


def delays(rows: Rows, *, long: bool) -> Spec:
    """Lines on a logarithmic scale: how long after the hand-over things came back."""
    tooltip = [vega.WHEN, {"field": "kind", "title": "What came back"},
               {"field": "quantile", "title": "Share"},
               vega.figure("seconds", "Seconds", ",.3~r")]  # fmt: skip
    dash = {
        "field": "quantile", "type": "nominal",
        "scale": {"domain": ["p50", "p90"], "range": [[1, 0], [4, 3]]},
        "legend": {**vega.LEGEND, "symbolType": "stroke"},
    }  # fmt: skip
    return {
        "mark": {
            "type": "line",
            "interpolate": "monotone",
            "strokeWidth": 2,
            "point": len(rows) <= _FEW,
        },
        "encoding": {
            "x": vega.time(long=long),
            "y": vega.seconds("seconds"),
            "color": _colour("kind", (str(row["kind"]) for row in rows), _KINDS),
            "strokeDash": dash,
            "tooltip": tooltip,
        },
        **vega.FRAME,
    }


def growth(rows: Rows, *, long: bool) -> Spec:
    """Bars up for suppressions that were added, down for those that went."""
    tooltip = [
        vega.WHEN,
        {"field": "what", "title": "What"},
        vega.figure("number", "Suppressions", "+,"),
    ]
    return {
        "mark": {"type": "bar", "binSpacing": 1},
        "encoding": {
            "x": vega.time(long=long),
            "y": vega.count("number", stack=True),
            "color": _colour("what", (str(row["what"]) for row in rows), _CAUSES),
            "tooltip": tooltip,
        },
        **vega.FRAME,
    }
