"""One template: its source beside what it looks like with data that can be changed in place."""

import json

import streamlit as st

from dashboard import page, settings
from dashboard.components import engagement, preview
from dashboard.components.preview import Head
from dashboard.components.said import filler
from dashboard.reading.filling import Filled
from dashboard.reading.reports import TemplateReport
from dashboard.showing import examples
from dashboard.showing.safe import code, plain
from dashboard.showing.words import moment
from delivery.errors import Problem, RenderingError
from delivery.publishing.checks.large import CLIPPED_OVER
from models.records import TemplateVersion


def show(report: TemplateReport) -> None:
    """Draw the versions, the source and the preview."""
    if not report.versions:
        st.error("This template has no versions: send one with `tidings templates push DIR`.")
        return
    version = _version(report)
    left, right = st.columns(2, gap="small")
    with left:
        _source(version)
    with right:
        _preview(report, version)
    engagement.link_map(version, report.links)


def _version(report: TemplateReport) -> TemplateVersion:
    live, saved = report.line.live_version, {line.version: line for line in report.saved}
    numbers = [version.version for version in report.versions]
    with st.container(horizontal=True, vertical_alignment="center", key="template_bar"):
        chosen = st.selectbox(
            "Version",
            numbers,
            index=numbers.index(live) if live in numbers else 0,
            format_func=lambda number: f"Version {number}{' · live' if number == live else ''}",
            key=f"version_{report.line.template}",
            label_visibility="collapsed",
            width=190,
        )
        about = saved[chosen]
        st.caption(f"saved by {plain(about.created_by)} on {moment(about.created_at, page.zone())}")
        for topic in report.topics:
            st.badge(plain(topic.key), icon=":material/topic:", color="gray", help=topic.title)
    return next(version for version in report.versions if version.version == chosen)


def _source(version: TemplateVersion) -> None:
    parts = {"Source": version.source, "Subject": version.subject, "Preheader": version.preheader}
    parts |= {"Plain text": version.text, "Link": version.url}
    given = {name: text for name, text in parts.items() if text}
    language = "html" if version.channel == "email" else "jinja2"
    for tab, text in zip(st.tabs(list(given), key="template_parts"), given.values(), strict=True):
        with tab:
            st.code(text, language=language, line_numbers=True, wrap_lines=True, height=660)


def _preview(report: TemplateReport, version: TemplateVersion) -> None:
    choices = examples.choices(report)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            "Data",
            list(choices),
            key=f"data_{version.template}",
            label_visibility="collapsed",
            help="What the template is filled with",
        )
        key = f"json_{version.template}_{chosen}"
        st.session_state.setdefault(key, json.dumps(choices[chosen], indent=2, ensure_ascii=False))
        with st.popover("Change data", icon=":material/data_object:", width="content"):
            text = st.text_area(
                "Data as JSON", key=key, height=320, width=420, persist_state="session"
            )
    try:
        data = json.loads(text)
    except ValueError as error:
        st.error(f"The data is not JSON: {plain(str(error))}.")
        return
    topic = next((each for each in report.topics if chosen.startswith(f"{each.key}:")), None)
    try:
        filled = filler().fill(version, examples.context(data, topic))
    except RenderingError as error:
        _problems(error.problems)
        return
    _filled(version, filled)


def _problems(problems: list[Problem]) -> None:
    st.error(
        "  \n".join(f"Line {problem.line}: {plain(problem.message)}" for problem in problems),
        title="It cannot be filled with this data",
        icon=":material/error:",
    )


def _filled(version: TemplateVersion, filled: Filled) -> None:
    content = filled.content
    if content.html is None:
        _item(content.subject, content.text, content.url)
        return
    mail, text = st.tabs(["Mail", "Plain text"], key="preview_tabs")
    with mail:
        look = preview.choose(version.template)
        head = Head(content.subject, settings.delivery().mail_from, filled.preheader)
        preview.show(content.html, head, look, key=f"preview_{version.template}")
        size = len(content.html.encode()) / 1024
        st.caption(f"{size:.1f} KB of {CLIPPED_OVER} KB before Gmail clips it")
    with text:
        st.code(content.text, language=None, wrap_lines=True)


def _item(title: str, body: str, url: str | None) -> None:
    with st.container(border=True, key="card_item"):
        st.markdown(f":primary[:material/notifications:] **{plain(title)}**")
        st.text(body)
        if url:
            st.caption(f"Leads to {code(url)}")
