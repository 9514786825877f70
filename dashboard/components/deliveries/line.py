"""Moments along a line: when something came to each stage of its life."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.showing.words import duration, moment

Stage = tuple[str, datetime | None]


def show(stages: Iterable[Stage], zone: ZoneInfo, now: datetime) -> None:
    """Draw the stages that were reached, with the time each took; future ones are marked."""
    st.html(html(stages, zone, now))


def html(stages: Iterable[Stage], zone: ZoneInfo, now: datetime) -> str:
    """The line as HTML; see `.line` in console.css."""
    reached = sorted(
        ((at, name) for name, at in stages if at is not None), key=lambda pair: pair[0]
    )
    items, before = [], None
    for at, name in reached:
        took = "" if before is None else f"+{duration(at - before)}"
        after = f"in {duration(at - now)}" if at > now else took
        mark = ' class="now"' if at > now else ""
        items.append(
            f"<li{mark}><b>{escape(name)}</b><time>{moment(at, zone)}</time><i>{after}</i></li>"
        )
        before = at
    return f'<ol class="line">{"".join(items)}</ol>'
