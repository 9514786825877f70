"""A table as people see it, and the files that take it along."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dashboard import page
from dashboard.components import tables
from dashboard.page import Query
from dashboard.showing.safe import plain
from dashboard.showing.table import Table

KINDS: Mapping[str, str] = {"csv": "CSV", "parquet": "Parquet"}
_MOST = 12
"""Rows that are seen at once; the others by scrolling."""


def show(table: Table, what: str, asked: Mapping[str, str]) -> None:
    """Draw it with its title, and what takes it along.

    Args:
        table: What is drawn.
        what: The export that has it.
        asked: What that is asked for.
    """
    with st.container(border=True, key=f"card_{table.key}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(plain(table.title), anchor=False)
            if table.rows:
                take(what, {name: [value] for name, value in asked.items()}, table.title)
        if not table.rows:
            st.caption(plain(table.nothing))
            return
        st.dataframe(
            pd.DataFrame([list(row) for row in table.rows], columns=list(table.columns)),
            hide_index=True, row_height=tables.ROW_HEIGHT, column_config=_columns(table),
            height=tables.ROW_HEIGHT * (min(len(table.rows), _MOST) + 1),
            placeholder="–", alt=table.title,
        )  # fmt: skip
        if table.note:
            st.caption(plain(table.note))


def asked(names: Iterable[str]) -> Query:
    """The filters of the page as they stand in its URL."""
    return {name: st.query_params.get_all(name) for name in names if name in st.query_params}


def take(what: str, asked: Query, title: str) -> None:
    """Draw the links that take a table along."""
    query = urlencode({name: list(values) for name, values in asked.items()}, doseq=True)
    with st.container(
        horizontal=True, horizontal_alignment="right", gap="xsmall", key=f"take_{what}_{title}"
    ):
        for kind, words in KINDS.items():
            st.link_button(
                words, f"/export/{what}.{kind}?{query}", icon=":material/download:",
                type="tertiary", help=plain(f"{title}, all of it"),
            )  # fmt: skip


def _columns(table: Table) -> dict[str, Any]:
    shares = {name: st.column_config.NumberColumn(name, format="percent") for name in table.shares}
    return shares | {
        name: tables.moments(name, page.zone())
        for place, name in enumerate(table.columns)
        if _is_moment([row[place] for row in table.rows])
    }


def _is_moment(values: Sequence[object]) -> bool:
    return any(isinstance(value, datetime) for value in values)
