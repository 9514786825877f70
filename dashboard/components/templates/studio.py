"""The template studio: words, what they are filled with, and what people will see."""

from dataclasses import replace
from datetime import datetime

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing import drafting, reviewing
from dashboard.components.approvals import asked
from dashboard.components.deliveries import engagement
from dashboard.components.deliveries.said import filler
from dashboard.components.templates import (
    clash,
    desk,
    history,
    hosting,
    languages,
    looks,
    preview,
    publishing,
    stand,
    writing,
)
from dashboard.components.templates.stand import Stand
from dashboard.components.templates.writing import Pen
from dashboard.door import identity
from dashboard.reading.filling import Filled
from dashboard.reading.reports import TemplateReport
from dashboard.showing.parts import Placed, placed, placed_in
from dashboard.showing.piece import shown
from dashboard.showing.safe import plain
from dashboard.showing.sheet import Sheet, as_version
from dashboard.showing.words import moment
from delivery.errors import RenderingError
from delivery.rendering.locales import nearest
from delivery.rendering.saving import partials_in
from models.readings.templates import TemplateLine
from models.records import ApprovalKind, TemplateVersion

_WRITE, _VERSIONS = "Write", "Versions"


def choose_mode(report: TemplateReport) -> str:
    """The control that says what one wants to do."""
    return preview.segmented("Mode", [_WRITE, _VERSIONS], f"mode_{report.line.template}")


def show(report: TemplateReport, mode: str) -> None:
    """Draw the studio."""
    if mode == _VERSIONS:
        history.show(report)
        return
    _bench(report, hosting.choose(report) if report.line.is_piece else None)
    if report.versions and not report.line.is_piece:
        engagement.link_map(report.versions[0], report.links)


def _asked(report: TemplateReport) -> None:
    """How what was asked stands, beside what is in the draft now."""
    template, team = report.line.template, report.line.team
    asked.show(
        ApprovalKind.TEMPLATE,
        template,
        _published(report),
        reviewing.fits,
        lambda: publishing.again(template, team),
    )


def _published(report: TemplateReport) -> datetime | None:
    """When what is live was made."""
    live = (one.created_at for one in report.saved if one.version == report.line.live_version)
    return next(live, None)


@st.fragment(key="studio")
def _bench(report: TemplateReport, host: TemplateReport | None) -> None:
    """All that changes while somebody types, and nothing else; `host` shows a piece."""
    template, channel = report.line.template, report.line.channel
    _asked(report)
    there = drafting.of_template(template)
    with st.container(horizontal=True, vertical_alignment="center", key="studio_bar"):
        sheet = desk.sheet(_base(report, languages.choose(report, there)), there)
        _standing(report, sheet)
        standing = stand.choose(host or report, sheet.base.locale)
        view = looks.choose(template, channel)
    filled, problems = _filled(report, host, sheet, standing)
    left, right = st.columns(2, gap="small")
    with left:
        _words(report, sheet, problems)
        with st.expander("Filled with", icon=":material/data_object:", expanded=True):
            stand.edit(host or report, standing)
    with right:
        _preview(template, filled, standing, view)


def _base(report: TemplateReport, locale: str) -> TemplateVersion:
    """The version that is live, in a locale; empty words where it has none."""
    line = report.line
    empty = TemplateVersion(
        line.template, line.live_version or 0, line.channel, "", "", locale=locale
    )
    text = next((text for text in report.texts if text.locale == locale), empty)
    return replace(text, partials=tuple(partials_in(locale, report.partials).values()))


def _standing(report: TemplateReport, sheet: Sheet) -> None:
    """What is live, how the draft stands, and which topics use the template."""
    said = _live(report.line)
    if sheet.theirs:
        said += " :red-badge[Not saved]"
    elif sheet.draft:
        when, who = moment(sheet.draft.updated_at, page.zone()), plain(sheet.draft.updated_by)
        said += f" :orange-badge[Draft] :small[:gray[saved {when} by {who}]]"
    used = [f":gray-badge[:material/topic: {plain(topic.key)}]" for topic in report.topics]
    st.markdown(" ".join([said, *used]), width="stretch")


def _live(line: TemplateLine) -> str:
    if line.live_version is None:
        return ":gray-badge[Never published]"
    if line.archived_at is not None:
        return f":gray-badge[Version {line.live_version}, archived]"
    return f":green-badge[Version {line.live_version} is live]"


def _words(report: TemplateReport, sheet: Sheet, problems: list[Placed]) -> None:
    if said := desk.refused():
        st.error(plain(f"{said} What you wrote is not saved."))
    if sheet.theirs:
        clash.show(sheet, sheet.theirs)
        return
    line = report.line
    may = line.archived_at is None and identity.may(Permission.EDIT_TEMPLATES, line.team)
    pen = Pen(lambda part, text: desk.write(sheet, part, text), lambda: None, allowed=may)
    writing.show(report, sheet, problems, pen)


def _filled(
    report: TemplateReport, host: TemplateReport | None, sheet: Sheet, standing: Stand
) -> tuple[Filled | None, list[Placed]]:
    """What a recipient would get; while it is broken, what was good last, and what is wrong."""
    within = host.line.template if host else ""
    key = f"good_{sheet.base.template}_{sheet.base.locale}_{within}"
    version = _version(report, host, sheet)
    if standing.context is None or version is None:
        return st.session_state.get(key), []
    try:
        filled = filler().fill(version, standing.context)
    except RenderingError as error:
        return st.session_state.get(key), _placed(report, error)
    st.session_state[key] = filled
    return filled, []


def _version(
    report: TemplateReport, host: TemplateReport | None, sheet: Sheet
) -> TemplateVersion | None:
    """What is filled: the words themselves, or what shows a partial or layout."""
    shows = nearest(sheet.base.locale, host.texts) if host else None
    return shown(as_version(sheet), report.line.kind, shows)


def _placed(report: TemplateReport, error: RenderingError) -> list[Placed]:
    line = report.line
    if line.is_piece:
        return placed_in(line.template, error.problems, line.channel)
    return placed(error.problems, line.channel)


def _preview(template: str, filled: Filled | None, standing: Stand, view: str) -> None:
    if filled is None or standing.context is None:
        st.caption(
            "Nothing can be shown yet: see what is wrong on the left. A piece of definitions alone"
            " is seen in a template that uses it."
        )
        return
    looks.show(filled, standing.context, view, template)
    if said := looks.size(filled):
        st.caption(said)
