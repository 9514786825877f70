"""Tables of deliveries and events, the same wherever they stand."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.showing.words import STATE_COLOURS, label
from models.readings.deliveries import Delivery, DeliveryLine
from models.readings.events import Event
from models.reasons import sentence
from models.states import DeliveryState, EventState

ROW_HEIGHT = 36
_HEADER = 35
_NOTHING: dict[str, Any] = {"selection": {"rows": [], "columns": [], "cells": []}}


def chips(states: Sequence[str], title: str = "State") -> Any:
    """A column of one coloured chip a row."""
    return st.column_config.MultiselectColumn(
        title,
        options=[label(state) for state in states],
        color=[STATE_COLOURS[state] for state in states],
        width=98,
    )


def moments(title: str, zone: ZoneInfo) -> Any:
    """A column of moments in the viewer's zone."""
    return st.column_config.DatetimeColumn(
        title, format="D MMM, HH:mm:ss", timezone=str(zone), width=128
    )


def deliveries(
    lines: Sequence[DeliveryLine | Delivery], key: str, zone: ZoneInfo, hidden: Sequence[str] = ()
) -> int | None:
    """A table of deliveries; clicking a row chooses it.

    Returns:
        The number of the chosen row.
    """
    frame = pd.DataFrame(
        {
            "created": [line.created_at for line in lines],
            "state": [[label(line.state)] for line in lines],
            "recipient": [line.recipient_id for line in lines],
            "topic": [line.topic for line in lines],
            "channel": [label(line.channel) for line in lines],
            "why": [sentence(line.why) for line in lines],
            "due": [line.due_at for line in lines],
            "attempts": [line.attempts or None for line in lines],
        }
    )
    columns = {
        "created": moments("Created", zone),
        "state": chips(list(DeliveryState)),
        "recipient": st.column_config.TextColumn("Recipient", width="small"),
        "topic": st.column_config.TextColumn("Topic", width=110),
        "channel": st.column_config.TextColumn("Channel", width=84),
        "why": st.column_config.TextColumn("Why"),
        "due": moments("Due", zone),
        "attempts": st.column_config.NumberColumn("Attempts", width=84),
    }
    shown = [name for name in columns if name not in hidden]
    return choose(frame, columns, key, "Deliveries, newest first", shown)


def events(lines: Sequence[Event], key: str, zone: ZoneInfo) -> int | None:
    """A table of events; clicking a row chooses it.

    Returns:
        The number of the chosen row.
    """
    frame = pd.DataFrame(
        {
            "created": [line.created_at for line in lines],
            "state": [[label(line.state)] for line in lines],
            "topic": [line.topic for line in lines],
            "recipients": [line.recipient_count for line in lines],
            "repeats": [line.duplicates or None for line in lines],
            "why": [line.detail or sentence(line.reason) for line in lines],
            "source": [line.source for line in lines],
            "key": [line.dedup_key for line in lines],
        }
    )
    columns = {
        "created": moments("Created", zone),
        "state": chips(list(EventState)),
        "topic": st.column_config.TextColumn("Topic", width=120),
        "recipients": st.column_config.NumberColumn("Recipients", width=92),
        "repeats": st.column_config.NumberColumn("Repeats", width=84),
        "why": st.column_config.TextColumn("What is wrong"),
        "source": st.column_config.TextColumn("Source", width="small"),
        "key": st.column_config.TextColumn("Dedup key", width="small"),
    }
    return choose(frame, columns, key, "Events, newest first")


def choose(
    frame: pd.DataFrame,
    columns: Mapping[str, Any],
    key: str,
    alt: str,
    shown: Sequence[str] | None = None,
) -> int | None:
    """A table in which clicking anywhere in a row chooses it.

    Returns:
        The number of the chosen row.
    """
    order = {name: columns[name] for name in shown or columns}
    return _clicked(_drawn(frame, order, key, alt, "rerun"), len(frame))


def opening(
    frame: pd.DataFrame, columns: Mapping[str, Any], key: str, alt: str, parameter: str
) -> None:
    """A table in which clicking anywhere in a row opens it: the URL names it from then on.

    Args:
        frame: Its index, which is not shown, names what each row opens.
        columns: What is shown, in this order.
        key: Of the table.
        alt: What it is, for those who do not see it.
        parameter: In the URL: names what is open on this page.
    """

    def opened() -> None:
        row = _clicked(st.session_state[key], len(frame))
        # Who comes back before the page was whole would find the row still chosen.
        let_go(key)
        if row is not None:
            st.query_params[parameter] = str(frame.index[row])

    _drawn(frame, columns, key, alt, opened)


def _drawn(
    frame: pd.DataFrame,
    columns: Mapping[str, Any],
    key: str,
    alt: str,
    then: Literal["rerun"] | Callable[[], None],
) -> Any:
    return st.dataframe(
        frame,
        key=key,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=min(_HEADER + ROW_HEIGHT * len(frame), _HEADER + ROW_HEIGHT * 50),
        column_order=list(columns),
        column_config=columns,
        on_select=then,
        selection_mode="single-cell",
        placeholder="–",
        alt=alt,
    )


def _clicked(chosen: Any, rows: int) -> int | None:
    cells = chosen["selection"]["cells"]
    # A selection outlives the rows it was made on: the browser sends it again.
    return cells[0][0] if cells and cells[0][0] < rows else None


def choose_some(frame: pd.DataFrame, columns: Mapping[str, Any], key: str, alt: str) -> list[int]:
    """A table whose rows are ticked.

    Returns:
        The numbers of those that are.
    """
    chosen = st.dataframe(
        frame,
        key=key,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=min(_HEADER + ROW_HEIGHT * len(frame), _HEADER + ROW_HEIGHT * 50),
        column_order=list(columns),
        column_config=columns,
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="–",
        alt=alt,
    )
    # A selection outlives the rows it was made on: the browser sends it again.
    return [row for row in chosen["selection"]["rows"] if row < len(frame)]


def let_go(key: str) -> None:
    """Forget which row was chosen; else the browser's next message would choose it again."""
    if key in st.session_state:
        st.session_state[key] = dict(_NOTHING)
