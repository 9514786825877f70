"""Putting a template away that nothing uses, saying that it is, and bringing it back."""

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing import archiving
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.reading.reports import TemplateReport
from dashboard.showing.safe import plain
from dashboard.showing.words import moment


def put_away(report: TemplateReport) -> None:
    """The way to the archive, for whoever may publish it."""
    line = report.line
    if not identity.may(Permission.PUBLISH_TEMPLATES, line.team):
        return
    users = [*line.topics, *line.users]
    help_ = "Out of lists and choices until it is brought back; versions and drafts are kept"
    if users:
        help_ = f"Not while it is in use by {plain(', '.join(users))}"
    if st.button("Archive", icon=":material/archive:", key="template_archive", help=help_,
                 disabled=bool(users)):  # fmt: skip
        who = identity.current().person
        attempt(lambda: archiving.archive(who, line.template), "It is archived")


def bring_back(report: TemplateReport) -> None:
    """The way back out of it."""
    line = report.line
    if not identity.may(Permission.PUBLISH_TEMPLATES, line.team):
        return
    if st.button("Bring back", icon=":material/unarchive:", type="primary", key="template_restore"):
        who = identity.current().person
        attempt(lambda: archiving.restore(who, line.template), "It is back in the lists")


def tell(report: TemplateReport) -> None:
    """Say since when it is archived, if it is."""
    since = report.line.archived_at
    if since is not None:
        st.info(
            f"Archived on {moment(since, page.zone())}: nothing uses it, and nothing may before it"
            " is brought back.",
            icon=":material/archive:",
        )
