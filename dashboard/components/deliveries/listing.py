"""A list of deliveries: a page of them, their drawer, and what may be ordered about all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import data, page
from dashboard.components import done, sheet, tables
from dashboard.components.deliveries import delivery, orders
from dashboard.data import Wanted
from dashboard.page import Query
from dashboard.showing import paging
from dashboard.showing.asked import FILTERS
from dashboard.showing.safe import plain
from dashboard.showing.words import label
from models.readings.deliveries import DeliveryLine, Position
from models.states import DeliveryState, Resolution


@dataclass(frozen=True, slots=True)
class Listing:
    """One list.

    Attributes:
        key: Of its table.
        nothing: What stands where nothing matches: a title and what to do, maybe with a command.
        offered: What may be ordered about all that match.
        hidden: Columns that would say nothing here.
    """

    key: str
    nothing: tuple[str, ...]
    offered: Sequence[Resolution] = ()
    hidden: Sequence[str] = ()


def take(states: Iterable[DeliveryState] = (), since: str = "") -> None:
    """Draw what takes all along that the filters of the page mean.

    Args:
        states: Those of the page, unless one is chosen.
        since: The page's period, unless one is chosen; of the words in the URL.
    """
    here: Query = {"state": [label(state) for state in states], "since": [since] if since else []}
    sheet.take("deliveries", {**here, **sheet.asked(FILTERS)}, "What is listed")


def show(listing: Listing, wanted: Wanted) -> None:
    """Draw what matches, the buttons, and the drawer of the chosen one."""
    done.told()
    try:
        found = data.deliveries(wanted)
    except data.DatabaseError as error:
        st.error(f"{plain(str(error))}. Narrow the time range, or name a recipient.")
        return
    lines = found[: paging.SIZE]
    if lines and listing.offered:
        orders.of_all(wanted, listing.offered)
    delivery.drawer(_choose(listing, lines), listing.key)
    if lines:
        last = Position(lines[-1].created_at, lines[-1].delivery_id)
        paging.controls(last if len(found) > len(lines) else None)


def _choose(listing: Listing, lines: list[DeliveryLine]) -> str | None:
    if not lines:
        page.empty(*listing.nothing)
        return None
    chosen = tables.deliveries(lines, listing.key, page.zone(), listing.hidden)
    st.caption(f"Click a row to see why. Times in {page.zone()}.")
    return None if chosen is None else str(lines[chosen].delivery_id)
