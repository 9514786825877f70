"""The course of a campaign, as a Vega-Lite specification. Pure."""

from collections.abc import Sequence
from typing import Any

from dashboard.showing import vega
from dashboard.showing.vega import Spec

Rows = list[dict[str, Any]]
_LEGEND: Spec = {**vega.LEGEND, "symbolType": "stroke", "columns": 5}


def long_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Rows:
    """A table whose first column is the time, as rows of one number each."""
    return [
        {"at": row[0], "what": what, "number": number}
        for row in rows
        for what, number in zip(columns[1:], row[1:], strict=True)
    ]


def progress(rows: Rows, lines: Sequence[str]) -> Spec:
    """Lines: how much came to what by then."""
    long = bool(rows) and (rows[-1]["at"] - rows[0]["at"]).days > 1
    return {
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {
            "x": vega.time(long=long),
            "y": vega.count("number", 5),
            "color": {
                "field": "what",
                "type": "nominal",
                "sort": list(lines),
                "legend": _LEGEND,
            },
            "tooltip": [
                vega.WHEN,
                {"field": "what", "title": "What"},
                vega.figure("number", "Messages", ",.0f"),
            ],
        },
        **vega.FRAME,
    }
