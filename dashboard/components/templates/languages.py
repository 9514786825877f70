"""The languages of a template: the one that is written in, those that lack, and one more."""

from collections.abc import Collection

import streamlit as st

from dashboard.changing import drafting
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.reading import cached
from dashboard.reading.reports import TemplateReport
from dashboard.showing.safe import plain
from models.records import UNDETERMINED

_SHOWN = 8
"""Languages that lack which are named."""


def choose(report: TemplateReport, drafted: Collection[str]) -> str:
    """The language that is written in, of those the template has."""
    known = dict.fromkeys([report.line.locale, *(text.locale for text in report.texts), *drafted])
    if len(known) == 1:
        return report.line.locale
    chosen = st.selectbox(
        "Language",
        list(known),
        key=_key(report.line.template),
        format_func=lambda locale: _named(report, drafted, locale),
        label_visibility="collapsed",
        width=190 if report.behind else 110,
    )
    return str(chosen)


def more(report: TemplateReport) -> None:
    """The way to one more language."""
    if st.button("Add a language…", icon=":material/translate:", key="language_open"):
        st.dialog("Add a language")(_ask)(report)


def _named(report: TemplateReport, drafted: Collection[str], locale: str) -> str:
    name = "No language" if locale == UNDETERMINED else locale
    since = None if locale in drafted else report.behind.get(locale)
    return name if since is None else f"{name} · behind since v{since}"


def _ask(report: TemplateReport) -> None:
    template, default = report.line.template, report.line.locale
    _lacking(template)
    wanted = st.text_input(
        "Language", max_chars=35, key="language_new", placeholder="de", help="BCP 47, like pt-BR"
    )
    st.caption(
        f"It begins with the words in {plain(default)}, as a draft to be translated. Until it is"
        f" published, whoever reads it gets the nearest there is, at last {plain(default)}."
    )
    if st.button("Add it", type="primary", disabled=not wanted.strip(), key="language_add"):
        attempt(lambda: _add(template, wanted), "The language is added: translate the draft")


def _lacking(template: str) -> None:
    """What recipients read and the template does not speak, the most wanted first."""
    if lacks := cached.lacking(template):
        said = [f"{plain(one.language)} ({one.people:,})" for one in lacks[:_SHOWN]]
        st.markdown(f"People read languages that it lacks: {', '.join(said)}.")


def _add(template: str, wanted: str) -> None:
    locale = drafting.translate(identity.current().person, template, wanted)
    st.session_state[_key(template)] = locale


def _key(template: str) -> str:
    return f"locale_{template}"
