"""A template besides its words: languages, title, how drafts are thrown away, the archive."""

from functools import partial

import streamlit as st

from dashboard.access import Permission
from dashboard.changing import drafting
from dashboard.components.done import attempt
from dashboard.components.templates import archived, languages
from dashboard.door import identity
from dashboard.reading.reports import TemplateReport
from dashboard.showing.safe import plain
from models.records import TemplateDraft


def show(report: TemplateReport) -> None:
    """The way to these, for whoever may write the template."""
    if not identity.may(Permission.EDIT_TEMPLATES, report.line.team):
        return
    with st.popover("More", icon=":material/more_horiz:", width="content", key="template_more"):
        languages.more(report)
        _rename(report)
        _discard(report)
        archived.put_away(report)


def _rename(report: TemplateReport) -> None:
    template, before = report.line.template, report.line.title
    title = st.text_input("Title", value=before, max_chars=120, key=f"rename_{template}")
    if st.button("Rename", key="template_rename", disabled=title.strip() == before):
        who = identity.current().person
        attempt(lambda: drafting.rename(who, template, title), "It is renamed; its key stays")


def _discard(report: TemplateReport) -> None:
    for locale, draft in drafting.of_template(report.line.template).items():
        name = f"Throw the draft in {plain(locale)} away"
        help_ = f"Revision {draft.revision} by {plain(draft.updated_by)}; what is live stays"
        if st.button(name, icon=":material/delete:", key=f"discard_{locale}", help=help_):
            attempt(partial(_thrown, draft), "The draft is thrown away")


def _thrown(draft: TemplateDraft) -> None:
    drafting.discard(identity.current().person, draft)
