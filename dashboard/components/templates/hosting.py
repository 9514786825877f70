"""Where a partial or layout is looked at: alone, or in one of the templates that use it."""

import streamlit as st

from dashboard import page
from dashboard.reading import templates
from dashboard.reading.reports import TemplateReport

_ALONE = "Alone"


def choose(report: TemplateReport) -> TemplateReport | None:
    """The template that shows it; `None`: it is shown alone."""
    line = report.line
    with st.container(horizontal=True, vertical_alignment="center", key="hosting"):
        if not line.users:
            st.caption("Nothing that is live uses it: publishing it changes nobody's message.")
            return None
        chosen = st.selectbox(
            "Shown in",
            [*line.users, _ALONE],
            key=f"host_{line.template}",
            label_visibility="collapsed",
            format_func=lambda each: each if each == _ALONE else f"Shown in {each}",
            width=260,
        )
        st.caption("Used by", width="content")
        for user in line.users:
            page.link("templates", user, {"template": user})
    return None if chosen == _ALONE else templates.template_report(str(chosen))
