"""Suppressions: every address nothing is sent to, why, and until when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dashboard import data, page, settings
from dashboard.access import Permission
from dashboard.changing import stops
from dashboard.components import done, filters, tables
from dashboard.components.returns import stop, stopform
from dashboard.door import identity
from dashboard.page import Page
from dashboard.showing import paging, stoplist
from dashboard.showing.safe import plain
from dashboard.showing.words import label
from delivery.registry import all_channels
from models.readings.suppressions import SuppressionLine
from models.records import Cause

_TABLE = "suppressions_table"
_EXAMPLE = "tidings suppressions import stop.csv"


def render() -> None:
    """Draw the page."""
    place = page.header("Suppressions", "Addresses nothing is sent to, why, and until when")
    now, personal = data.now(), identity.may(Permission.SEE_PERSONAL)
    asked = _filters()
    with place:
        stopform.bring()
        st.link_button(
            "Export", f"/export/suppressions.csv?{urlencode(asked)}", icon=":material/download:",
            help="What is listed, as CSV; all of it, not this page alone",
        )  # fmt: skip
        stopform.add()
    done.told()
    known = all_channels(), settings.pseudonyms()
    wanted = replace(
        stoplist.wanted(asked, now, known, personal=personal),
        before=stoplist.read(st.query_params.get(paging.PARAMETER)),
        limit=paging.SIZE + 1,
    )
    try:
        found = stops.listed(wanted)
    except data.DatabaseError as error:
        st.error(f"{plain(str(error))}. Clear a filter, or look for one address.")
        return
    _list(found, now, personal=personal)


def _filters() -> dict[str, str]:
    channels = [label(channel) for channel in sorted(all_channels())]
    categories = sorted({topic.category for topic in data.topics().values()})
    with st.container(horizontal=True, vertical_alignment="center", key="filters", gap="small"):
        said = {
            "address": filters.text("Address", "address", 210),
            "scope": filters.one_of("Any scope", "scope", [stoplist.EVERYWHERE, *channels], 150),
            "category": filters.one_of("Any category", "category", categories, 150),
            "cause": filters.one_of("Any reason", "cause", list(stoplist.CAUSES), 170),
            "source": filters.text("Said by", "source", 140),
            "ending": filters.one_of("In force", "ending", list(stoplist.ENDINGS), 150),
        }
    return {name: value for name, value in said.items() if value}


def _list(found: Sequence[SuppressionLine], now: datetime, *, personal: bool) -> None:
    lines = found[: paging.SIZE]
    if not lines:
        page.empty(
            "No suppressions match",
            "Nothing stops mail here. Clear a filter, or bring a list along:",
            _EXAMPLE,
        )
        stop.drawer(None, _TABLE)
        return
    above = st.container()
    chosen = _table(lines, now, personal=personal)
    with above:
        stop.bar([lines[row] for row in chosen], now, _TABLE)
    begun = stoplist.read(st.query_params.get(paging.PARAMETER)) is not None
    more = len(found) > len(lines)
    paging.buttons(stoplist.written(lines[-1].position) if more else None, begun=begun)


def _table(lines: Sequence[SuppressionLine], now: datetime, *, personal: bool) -> list[int]:
    frame = pd.DataFrame(
        {
            "address": [stoplist.shown(line.address, personal=personal) for line in lines],
            "cause": [[label(line.cause)] for line in lines],
            "scope": [stoplist.scope(line.channel, line.category) for line in lines],
            "ends": [stoplist.ends(line, now) for line in lines],
            "reason": [line.reason if line.cause is Cause.BY_HAND else "" for line in lines],
            "source": [line.source for line in lines],
            "since": [line.created_at for line in lines],
        }
    )
    causes = [label(cause) for cause in Cause]
    columns = {
        "address": st.column_config.TextColumn("Address", width=230),
        "cause": st.column_config.MultiselectColumn(
            "Reason", options=causes, color=list(_COLOURS), width=140
        ),
        "scope": st.column_config.TextColumn("Stops", width=105),
        "ends": st.column_config.TextColumn("Ends", width=105),
        "reason": st.column_config.TextColumn("In words", width=110),
        "source": st.column_config.TextColumn("Said by", width=150),
        "since": tables.moments("Since", page.zone()),
    }
    return tables.choose_some(frame, columns, _TABLE, "Suppressions, newest first")


_COLOURS = ("red", "red", "orange", "violet", "blue", "gray")
"""Of the chips, in the order of `Cause`."""

PAGE = Page(
    key="suppressions",
    title="Suppressions",
    icon=":material/block:",
    section="Watch",
    needs=Permission.SEE,
    summary="Every address nothing is sent to, why, and until when.",
    render=render,
)
