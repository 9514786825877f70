"""The words that our charts are written in: pieces of Vega-Lite specifications. Pure.

Plain dicts cost a hundredth of building them with a library. Colours come from the theme; times
are drawn in the viewer's own zone by the browser.
"""

from typing import Any

Spec = dict[str, Any]

FRAME: Spec = {
    "padding": {"top": 4, "bottom": 0, "left": 0, "right": 4},
    "config": {"view": {"strokeWidth": 0}},
}
"""What stands around every chart: next to nothing."""
BARE: Spec = {"title": None, "domain": False, "ticks": False}
"""An axis without lines of its own."""
LEGEND: Spec = {"orient": "top", "title": None, "symbolType": "circle", "offset": 4, "columns": 4}
WHEN: Spec = {"field": "at", "type": "temporal", "title": "Time", "format": "%d %b %H:%M"}
"""The moment of a point, in its tooltip."""
_TICKS = [
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1800),
    *(3600, 7200, 21600, 43200, 86400, 172800, 604800),
]
_SECONDS = (
    "datum.value < 1 ? datum.value * 1000 + ' ms' : datum.value < 60 ? datum.value + ' s'"
    " : datum.value < 3600 ? datum.value / 60 + ' min' : datum.value < 86400 ?"
    " datum.value / 3600 + ' h' : datum.value / 86400 + ' d'"
)


def time(*, long: bool) -> Spec:
    """The axis of time, with days where it is long, else with hours."""
    axis = {**BARE, "grid": False, "format": "%d %b" if long else "%H:%M", "tickCount": 6}
    return {"field": "at", "type": "temporal", "axis": {**axis, "labelOverlap": True}}


def count(field: str, ticks: int = 4, **more: Any) -> Spec:
    """An axis of numbers, with `1k` for a thousand."""
    axis = {**BARE, "format": "~s", "tickCount": ticks}
    return {"field": field, "type": "quantitative", "axis": axis, **more}


def seconds(field: str) -> Spec:
    """A logarithmic axis of seconds, from milliseconds to days."""
    axis = {**BARE, "values": _TICKS, "labelExpr": _SECONDS, "labelOverlap": True}
    scale = {"type": "log", "nice": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def figure(field: str, title: str, shape: str = ",") -> Spec:
    """A number in a tooltip, in d3's format."""
    return {"field": field, "type": "quantitative", "title": title, "format": shape}
