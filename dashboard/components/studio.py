"""The template studio: words, what they are filled with, and what people will see."""

from dataclasses import replace

import streamlit as st

from dashboard import page
from dashboard.components import engagement, looks, stand, writing
from dashboard.components.said import filler
from dashboard.components.stand import Stand
from dashboard.components.writing import Pen
from dashboard.reading.filling import Filled
from dashboard.reading.reports import TemplateReport
from dashboard.showing.parts import Placed, placed
from dashboard.showing.safe import plain
from dashboard.showing.sheet import Sheet, as_version, opened
from dashboard.showing.words import moment
from delivery.errors import RenderingError
from models.records import TemplateVersion


def show(report: TemplateReport) -> None:
    """Draw the studio."""
    if not report.versions:
        st.error("This template has no versions: send one with `tidings templates push DIR`.")
        return
    _bench(report)


@st.fragment(key="studio")
def _bench(report: TemplateReport) -> None:
    """All that changes while somebody types, and nothing else."""
    template = report.line.template
    with st.container(horizontal=True, vertical_alignment="center", key="studio_bar"):
        version = _version(report)
        persona = stand.choose(report)
        view = looks.choose(template, version.channel)
    sheet, standing = _sheet(version), stand.standing(report, persona)
    filled, problems = _filled(sheet, standing)
    left, right = st.columns(2, gap="small")
    with left:
        writing.show(report, sheet, problems, _pen(sheet))
        with st.expander("Filled with", icon=":material/data_object:", expanded=True):
            stand.edit(report, persona)
    with right:
        _preview(template, filled, standing, view)
    engagement.link_map(version, report.links)


def _version(report: TemplateReport) -> TemplateVersion:
    live, saved = report.line.live_version, {line.version: line for line in report.saved}
    numbers = [version.version for version in report.versions]
    chosen = st.selectbox(
        "Version",
        numbers,
        index=numbers.index(live) if live in numbers else 0,
        format_func=lambda number: f"Version {number}{' · live' if number == live else ''}",
        key=f"version_{report.line.template}",
        label_visibility="collapsed",
        width=160,
    )
    about = saved[chosen]
    st.caption(f"saved by {plain(about.created_by)} on {moment(about.created_at, page.zone())}")
    return next(version for version in report.versions if version.version == chosen)


def _sheet(version: TemplateVersion) -> Sheet:
    key = _sheet_key(version.template)
    held: Sheet | None = st.session_state.get(key)
    if held is None or held.base.version != version.version:
        held = opened(version, 0 if held is None else held.put + 1)
        st.session_state[key] = held
    return held


def _pen(sheet: Sheet) -> Pen:
    def wrote(part: str, text: str) -> None:
        key = _sheet_key(sheet.base.template)
        held: Sheet = st.session_state[key]
        st.session_state[key] = replace(held, parts={**held.parts, part: text})

    return Pen(wrote, lambda: None)


def _sheet_key(template: str) -> str:
    return f"sheet_{template}"


def _filled(sheet: Sheet, standing: Stand) -> tuple[Filled | None, list[Placed]]:
    """What a recipient would get; while it is broken, what was good last, and what is wrong."""
    key = f"good_{sheet.base.template}"
    if standing.context is None:
        return st.session_state.get(key), []
    try:
        filled = filler().fill(as_version(sheet), standing.context)
    except RenderingError as error:
        return st.session_state.get(key), placed(error.problems, sheet.base.channel)
    st.session_state[key] = filled
    return filled, []


def _preview(template: str, filled: Filled | None, standing: Stand, view: str) -> None:
    if filled is None or standing.context is None:
        st.caption("Nothing can be shown yet.")
        return
    looks.show(filled, standing.context, view, template)
    if said := looks.size(filled):
        st.caption(said)
