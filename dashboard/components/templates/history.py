"""The versions of a template: any two of them side by side, as words and as people see them."""

from collections.abc import Mapping

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing import drafting
from dashboard.components import done
from dashboard.components.templates import sides
from dashboard.components.templates.sides import Sides
from dashboard.door import identity
from dashboard.reading.reports import TemplateReport
from dashboard.showing import examples
from dashboard.showing.sheet import worded
from dashboard.showing.words import moment
from delivery.rendering.saving import equipped
from models.records import TemplateDraft, TemplateVersion

_DRAFT = 0
"""Stands for the draft among the numbers of versions."""


def show(report: TemplateReport) -> None:
    """Draw two versions, and the way back to the older one."""
    there = drafting.of_template(report.line.template)
    numbers = [line.version for line in report.saved]
    newest = [_DRAFT, *numbers] if there else numbers
    if len(newest) < 2:  # noqa: PLR2004 - two are compared
        page.empty("Nothing to compare yet", "Here stands what changes from version to version.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="history_bar"):
        before = _choose(report, "From", newest, 1)
        after = _choose(report, "To", newest, 0)
        locale = _locale(report, there, before, after)
        _way_back(report, before)
    pair = Sides(
        report.line.channel,
        _words(report, there, before, locale),
        _words(report, there, after, locale),
        (_name(report, before), _name(report, after)),
        f"history_{report.line.template}",
        report.line.kind,
    )
    sides.words(pair)
    sides.rendered(pair, next(iter(examples.choices(report).values())).context)


def _choose(report: TemplateReport, label: str, numbers: list[int], index: int) -> int:
    return st.selectbox(
        label,
        numbers,
        index=index,
        format_func=lambda number: _name(report, number),
        key=f"history_{label}_{report.line.template}",
        width=330,
    )


def _name(report: TemplateReport, number: int) -> str:
    if number == _DRAFT:
        return "Draft"
    line = next(line for line in report.saved if line.version == number)
    live = " · live" if number == report.line.live_version else ""
    return f"Version {number}{live} · {line.created_by}, {moment(line.created_at, page.zone())}"


def _locale(
    report: TemplateReport, there: Mapping[str, TemplateDraft], before: int, after: int
) -> str:
    saved = [drafting.texts(report.line.template, number) for number in (before, after) if number]
    known = {text.locale: None for some in saved for text in some} | dict.fromkeys(there)
    if len(known) < 2:  # noqa: PLR2004 - there is nothing to choose
        return next(iter(known), report.line.locale)
    chosen = st.selectbox(
        "Language", list(known), key=f"history_in_{report.line.template}", width=110
    )
    return str(chosen)


def _words(
    report: TemplateReport, there: Mapping[str, TemplateDraft], number: int, locale: str
) -> TemplateVersion | None:
    """What is said in a locale; `None` where nothing is."""
    texts = drafting.texts(report.line.template, number or report.line.live_version or 0)
    text = next((text for text in texts if text.locale == locale), None)
    if number == _DRAFT and locale in there:
        empty = TemplateVersion(report.line.template, 0, report.line.channel, "", "", locale=locale)
        text = worded(text or empty, there[locale].words)
    return text and equipped(text, report.partials) if report.line.is_piece else text


def _way_back(report: TemplateReport, number: int) -> None:
    if number in {_DRAFT, report.line.live_version}:
        return
    if not identity.may(Permission.EDIT_TEMPLATES, report.line.team):
        return
    help_ = "They become the draft, which is looked at and published as a new version"
    if st.button(f"Go back to version {number}", icon=":material/undo:", key="go_back", help=help_):
        who = identity.current().person
        done.attempt(
            lambda: drafting.take_back(who, report.line.template, number),
            f"The words of version {number} are the draft now: publish it",
        )
