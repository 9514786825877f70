"""The course of a campaign, as a Vega-Lite specification. Pure."""

from collections.abc import Sequence
from typing import Any

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

_FRAME: Spec = {
    "padding": {"top": 4, "bottom": 0, "left": 0, "right": 4},
    "config": {"view": {"strokeWidth": 0}},
}
_BARE: Spec = {"title": None, "domain": False, "ticks": False}
_LEGEND: Spec = {"orient": "top", "title": None, "symbolType": "stroke", "offset": 4, "columns": 5}


def long_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Rows:
    """A table whose first column is the time, as rows of one number each."""
    return [
        {"at": row[0], "what": what, "number": number}
        for row in rows
        for what, number in zip(columns[1:], row[1:], strict=True)
    ]


def progress(rows: Rows, lines: Sequence[str]) -> Spec:
    """Lines: how much came to what by then."""
    shown = "%d %b" if rows and (rows[-1]["at"] - rows[0]["at"]).days > 1 else "%H:%M"
    axis = {**_BARE, "grid": False, "tickCount": 7, "labelOverlap": True}
    return {
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {
            "x": {"field": "at", "type": "temporal", "axis": {**axis, "format": shown}},
            "y": {
                "field": "number",
                "type": "quantitative",
                "axis": {**_BARE, "format": "~s", "tickCount": 5},
            },
            "color": {
                "field": "what",
                "type": "nominal",
                "sort": list(lines),
                "legend": _LEGEND,
            },
            "tooltip": [
                {"field": "at", "type": "temporal", "title": "Time", "format": "%d %b %H:%M"},
                {"field": "what", "title": "What"},
                {"field": "number", "type": "quantitative", "title": "Messages", "format": ",.0f"},
            ],
        },
        **_FRAME,
    }
