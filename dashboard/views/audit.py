"""Audit: what people did, by whom, to what, when and why."""

from dataclasses import replace
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.components import filters, tables
from dashboard.components.people import entry
from dashboard.door import identity
from dashboard.page import Page
from dashboard.reading import audits
from dashboard.showing import paging
from dashboard.showing.audits import FILTERS, below, veiled, wanted
from dashboard.showing.spans import Span
from models.readings.audit import AuditLine
from models.readings.deliveries import Position

_TABLE = "audit_table"


def render() -> None:
    """Draw the page."""
    place = page.header("Audit", "What people did: nobody can change it or take it away")
    asked = _filters()
    with place:
        for kind, title in (("csv", "CSV"), ("jsonl", "JSON lines")):
            st.link_button(
                title, f"/export/audit.{kind}?{urlencode(asked)}", icon=":material/download:",
                help="What is listed; all of it, not this page alone",
            )  # fmt: skip
    personal = identity.may(Permission.SEE_PERSONAL)
    looked_for = below(wanted(asked, data.now(), personal=personal), paging.current())
    found = audits.listed(replace(looked_for, limit=paging.SIZE + 1))
    lines = [veiled(line, personal=personal) for line in found[: paging.SIZE]]
    chosen = _listed(lines)
    if lines:
        last = Position(found[len(lines) - 1].at, found[len(lines) - 1].audit_id)
        paging.controls(last if len(found) > len(lines) else None)
    entry.drawer(chosen, _TABLE)


def _filters() -> dict[str, str]:
    by, did, words, within = FILTERS
    actors, actions = audits.choices()
    with st.container(horizontal=True, vertical_alignment="center", key="filters", gap="small"):
        said = {
            words: filters.text("Anything in it", words, 210),
            by: filters.one_known("Anybody", by, actors, 210),
            did: filters.one_known("Anything done", did, actions, 210),
            within: filters.one_of("Any time", within, [span.value for span in Span], 130),
        }
    return {name: value for name, value in said.items() if value}


def _listed(lines: list[AuditLine]) -> str | None:
    if not lines:
        page.empty("Nothing was done that matches", "Clear a filter: every change is written down.")
        return None
    frame = pd.DataFrame(
        {
            "at": [line.at for line in lines],
            "actor": [line.actor for line in lines],
            "action": [line.action for line in lines],
            "subject": [line.subject for line in lines],
            "why": [line.why for line in lines],
        }
    )
    columns = {
        "at": tables.moments("When", page.zone()),
        "actor": st.column_config.TextColumn("Who", width=190),
        "action": st.column_config.TextColumn("Did", width=190),
        "subject": st.column_config.TextColumn("To what", width=210),
        "why": st.column_config.TextColumn("Why"),
    }
    row = tables.choose(frame, columns, _TABLE, "What people did, newest first", list(columns))
    st.caption(f"Times in {page.zone()}")
    return None if row is None else str(lines[row].audit_id)


PAGE = Page(
    key="audit",
    title="Audit",
    icon=":material/history:",
    section="Admin",
    needs=Permission.SEE_AUDIT,
    summary="What people did, by whom, to what, when and why.",
    render=render,
)
