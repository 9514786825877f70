"""Deliveries: find any of them, and see why it went as it did."""

import streamlit as st

from dashboard import data, page, paging
from dashboard.access import Permission
from dashboard.components import delivery, filters, orders, tables
from dashboard.page import Page
from dashboard.safe import plain
from models.readings.deliveries import DeliveryLine, Position

_TABLE = "deliveries_table"
_COMMAND = 'tidings emit page.edited --to anna --data \'{"page": "Great Wave"}\''


def render() -> None:
    """Draw the page."""
    page.header("Deliveries", "Every message to every recipient, also the ones not sent")
    orders.told()
    wanted = filters.choose()
    try:
        found = data.deliveries(wanted)
    except data.DatabaseError as error:
        st.error(f"{plain(str(error))}. Narrow the time range, or name a recipient.")
        return
    lines = found[: paging.SIZE]
    delivery.drawer(_choose(lines), _TABLE)
    if lines:
        paging.controls(_last(lines) if len(found) > len(lines) else None)


def _choose(lines: list[DeliveryLine]) -> str | None:
    if not lines:
        what = "Widen the time range or clear a filter. Nothing sent yet? Try:"
        page.empty("No deliveries match", what, _COMMAND)
        return None
    chosen = tables.deliveries(lines, _TABLE, page.zone())
    st.caption(f"Click a row to see why. Times in {page.zone()}.")
    return None if chosen is None else str(lines[chosen].delivery_id)


def _last(lines: list[DeliveryLine]) -> Position:
    return Position(lines[-1].created_at, lines[-1].delivery_id)


PAGE = Page(
    key="deliveries",
    title="Deliveries",
    icon=":material/outgoing_mail:",
    section="Watch",
    needs=Permission.SEE,
    summary="Every message to every recipient, also the ones not sent, and why.",
    render=render,
)
