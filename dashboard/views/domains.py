"""Sending domains: whether the world believes that our mail is ours, and the keys that say so."""

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing import signing
from dashboard.changing.signing import DomainReport
from dashboard.components import done
from dashboard.components.returns import domain, domain_dialogs as dialogs
from dashboard.page import Page
from dashboard.showing.safe import plain
from dashboard.showing.words import moment


def render() -> None:
    """Draw the page."""
    with page.header("Sending domains", "Whose name mail is sent in, and how it proves that"):
        if dialogs.may() and st.button("Add a domain", icon=":material/add:"):
            st.dialog("Add a sending domain", icon=":material/verified_user:")(dialogs.ask_add)()
    done.told()
    reports = signing.reports()
    if not reports:
        page.empty(
            "No sending domain is added", "Mail goes unsigned, or with the key of the settings.",
            "tidings domains add example.com --algorithm both",
        )  # fmt: skip
    for report in reports:
        _card(report)


def _card(report: DomainReport) -> None:
    ask = st.dialog("Let it sign unseen?")(dialogs.ask_sign) if dialogs.may() else None
    with st.container(border=True, key=f"card_domain_{report.name}"):
        _head(report)
        dialogs.progress(report.name)
        left, right = st.columns([1.8, 1], gap="medium")
        with left:
            st.subheader("Checks", anchor=False)
            if not report.kept:
                st.caption("A worker looks within seconds.")
            domain.checks(report)
        with right:
            st.subheader("Keys", anchor=False)
            domain.keys(report, ask)
        domain.records(report)


def _head(report: DomainReport) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"domain_head_{report.name}"
    ):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{plain(report.name)}** {domain.badge(report)}")
            st.caption(_since(report))
        if dialogs.may():
            _buttons(report)


def _since(report: DomainReport) -> str:
    looked = "Not looked at yet"
    if report.checked_at is not None:
        looked = f"Last checked {moment(report.checked_at, page.zone())} ({page.zone()})"
    return looked if report.added else f"{looked}; not added: it is the domain of the From"


def _buttons(report: DomainReport) -> None:
    name = report.name
    retired = report.added is not None and report.added.retired_at is not None
    if not retired and st.button("Check again", key=f"look_{name}", icon=":material/refresh:"):
        dialogs.look_again(report)
    if report.added is None or retired:
        return
    if st.button("Rotate", key=f"rotate_{name}", icon=":material/autorenew:"):
        st.dialog(f"Rotate the keys of {plain(name)}?")(dialogs.ask_rotate)(report)
    if st.button("Retire", key=f"retire_{name}"):
        st.dialog(f"Retire {plain(name)}?")(dialogs.ask_retire)(report)


PAGE = Page(
    key="domains",
    title="Sending domains",
    icon=":material/verified_user:",
    section="Watch",
    needs=Permission.SEE_SETTINGS,
    summary="SPF, DKIM, DMARC and the other checks of each domain, the records to publish, keys.",
    render=render,
)
