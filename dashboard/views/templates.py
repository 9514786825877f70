"""Templates: what there is, where it is used, its source and what it looks like."""

import pandas as pd
import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing.teams import Owned
from dashboard.components import done, tables
from dashboard.components.people import ownership
from dashboard.components.templates import (
    archived,
    beginning,
    head,
    preview,
    publishing,
    studio,
    trial,
)
from dashboard.page import Page
from dashboard.reading import templates
from dashboard.reading.reports import TemplateReport
from dashboard.showing.safe import plain
from dashboard.showing.words import label
from models.readings.templates import TemplateLine

_OPEN = "template"
_TABLE = "templates_table"
_TEMPLATES, _PIECES, _ARCHIVED = "Templates", "Partials and layouts", "Archived"


def render() -> None:
    """Draw the list, or the template that the URL names."""
    done.told()
    template = st.query_params.get(_OPEN)
    if template is None:
        _list()
        return
    report = templates.template_report(template)
    if report is None:
        page.header("Templates", "What messages say")
        st.error(f"There is no template {plain(template)}.")
        page.link("templates", "All templates", icon=":material/arrow_back:")
        return
    subtitle = f"{label(report.line.channel)} {report.line.kind} · {report.line.template}"
    with page.header(report.line.title, subtitle):
        mode = studio.choose_mode(report)
        page.link("templates", "All templates", icon=":material/arrow_back:")
        if report.line.archived_at is None:
            _ways(report)
        else:
            archived.bring_back(report)
    archived.tell(report)
    ownership.show(Owned.TEMPLATE, template, report.line.team)
    studio.show(report, mode)


def _ways(report: TemplateReport) -> None:
    """What one may do with it besides writing."""
    template, team = report.line.template, report.line.team
    if not report.line.is_piece:
        trial.button(template, team)
    head.show(report)
    publishing.button(template, team)


def _list() -> None:
    every = templates.template_lines()
    lines = _of(_TEMPLATES, every)
    with page.header("Templates", f"{len(lines)} in all: what messages say"):
        beginning.button(lines)
    kinds = [_TEMPLATES, _PIECES, *([_ARCHIVED] if _of(_ARCHIVED, every) else [])]
    lines = _of(preview.segmented("Kind", kinds, "templates_kind"), every)
    if not lines:
        what = "Write one as a file and send it here:"
        page.empty("No templates yet", what, "tidings templates push DIR")
        return
    tables.opening(_frame(lines), _columns(), _TABLE, "Templates by title", _OPEN)
    st.caption(f"Click a row to open it. Times in {page.zone()}.")


def _of(kind: str, every: list[TemplateLine]) -> list[TemplateLine]:
    if kind == _ARCHIVED:
        return [line for line in every if line.archived_at is not None]
    return [
        line for line in every if line.archived_at is None and line.is_piece == (kind == _PIECES)
    ]


def _frame(lines: list[TemplateLine]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "title": [line.title for line in lines],
            "template": [line.template for line in lines],
            "channel": [label(line.channel) for line in lines],
            "live": [line.live_version for line in lines],
            "versions": [line.versions for line in lines],
            "draft": [line.draft_at for line in lines],
            "kind": [label(line.kind) for line in lines],
            "users": [[*line.topics, *line.users] for line in lines],
            "updated": [line.updated_at for line in lines],
        },
        index=[line.template for line in lines],
    )


def _columns() -> dict[str, object]:
    return {
        "title": st.column_config.TextColumn("Title", width="medium"),
        "template": st.column_config.TextColumn("Key", width="small"),
        "channel": st.column_config.TextColumn("Channel", width=90),
        "live": st.column_config.NumberColumn("Live version", width=96),
        "versions": st.column_config.NumberColumn("Versions", width=84),
        "draft": tables.moments("Draft", page.zone()),
        "kind": st.column_config.TextColumn("Kind", width=84),
        "users": st.column_config.ListColumn("Used by", width="medium"),
        "updated": tables.moments("Changed", page.zone()),
    }


PAGE = Page(
    key="templates",
    title="Templates",
    icon=":material/draft:",
    section="Author",
    needs=Permission.SEE_TEMPLATES,
    summary="What there is, where it is used, its source and what it looks like.",
    render=render,
)
