"""The languages of a template: the one that is written in, those that lack, and one more."""

from collections.abc import Collection

import streamlit as st

from dashboard.access import Permission
from dashboard.changing import drafting, publishing
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
    """The ways to one more language, and to one less of what is live."""
    if st.button("Add a language…", icon=":material/translate:", key="language_open"):
        st.dialog("Add a language")(_ask)(report)
    may = identity.may(Permission.PUBLISH_TEMPLATES, report.line.team)
    if (
        may
        and _dispensable(report)
        and st.button("Take a language out…", icon=":material/translate:", key="language_less")
    ):
        st.dialog("Take a language out")(_ask_out)(report)


def _dispensable(report: TemplateReport) -> list[str]:
    """What is live besides the default language."""
    return [text.locale for text in report.texts if text.locale != report.line.locale]


def _ask_out(report: TemplateReport) -> None:
    template, default = report.line.template, plain(report.line.locale)
    locale = str(st.selectbox("Language", _dispensable(report), key="language_out"))
    why = str(st.text_input("Why", max_chars=300, key="language_why"))
    st.caption(
        f"A new version goes live without it: whoever reads {plain(locale)} gets the nearest there"
        f" is, at last {default}. What it said stays in the versions before."
    )
    if st.button("Take it out", type="primary", key="language_out_now"):
        who = identity.current().person
        attempt(
            lambda: publishing.take_out(who, template, locale, why),
            f"{locale} is taken out",
            lambda: publishing.ask_to_take_out(who, template, locale, why),
        )


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
