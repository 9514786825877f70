"""What a template would say that somebody asked to publish, beside what is sent now."""

from dataclasses import asdict

import streamlit as st

from dashboard import page
from dashboard.changing import publishing
from dashboard.components.templates import findings, preview, sides
from dashboard.components.templates.sides import Sides
from dashboard.reading import templates
from dashboard.reading.reports import TemplateReport
from dashboard.showing import asks, examples
from dashboard.showing.safe import plain
from delivery.publishing.findings import Finding
from delivery.rendering.saving import equipped
from models.records import Approval, TemplateVersion, Words
from models.states import UNSETTLED

_NAMES = "As it is sent", "As it would be"


def show(one: Approval) -> None:
    """Draw the words, the looks, and what the checks say, a language at a time."""
    template = str(one.document.get("template", one.subject))
    report = templates.template_report(template)
    if report is None:
        st.error(f"There is no template {plain(template)} any more.")
        return
    known = {locale: (was, would) for locale, was, would in asks.texts(one)}
    locale = preview.segmented("Language", list(known), f"ask_in_{one.approval}")
    was, would = (_version(report, locale, said) for said in known[locale])
    pair = Sides(report.line.channel, was, would, _NAMES, f"ask_{one.approval}_{locale}",
                 report.line.kind)  # fmt: skip
    sides.words(pair)
    cases = examples.choices(report, locale)
    case = st.selectbox("Filled with", list(cases), key=f"ask_case_{one.approval}_{locale}")
    sides.rendered(pair, cases[case].context)
    if one.state in UNSETTLED and one.subject == template:
        _checks(one)
    page.link(
        "templates", "Open in the studio", {"template": [template]},
        icon=":material/arrow_forward:",
    )  # fmt: skip


def _version(report: TemplateReport, locale: str, said: Words | None) -> TemplateVersion | None:
    """Words as they can be filled, with the partials there are now."""
    if said is None:
        return None
    line = report.line
    text = TemplateVersion(line.template, 0, line.channel, locale=locale, **asdict(said))
    return equipped(text, report.partials)


def _checks(one: Approval) -> None:
    st.subheader("What the checks say", anchor=False)
    found = _found(one)
    if found is None:
        st.warning("The drafts are not those any more: what was asked cannot be published.")
        return
    blocks = [finding for finding in found if finding.blocks]
    findings.show("Must be mended first", blocks, findings.BLOCKS)
    warns = [finding for finding in found if not finding.blocks]
    findings.show("Whoever asked knows of this", warns, findings.WARNS)
    if not found:
        st.success("Every check passed, in every language and for every case.")


@st.cache_data(
    ttl="1m", max_entries=20, show_spinner="Looking at it as people will get it…",
    hash_funcs={Approval: lambda one: one.approval},
)  # fmt: skip
def _found(one: Approval) -> tuple[Finding, ...] | None:
    """What the checks say of what was asked; `None`: the drafts are others now."""
    seen = publishing.asked(one)
    return None if seen is None else seen.findings
