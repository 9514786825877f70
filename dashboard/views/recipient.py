"""Recipient: everything known of one person, and what they got and did not get."""

import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.components import done, tables
from dashboard.components.deliveries import delivery
from dashboard.components.recipients import profile, prospect
from dashboard.door import identity
from dashboard.page import Page
from dashboard.reading.reports import RecipientReport
from dashboard.showing.safe import code
from dashboard.showing.words import duration

_TABLE = "timeline_table"


def render() -> None:
    """Draw the page."""
    with page.header("Recipient", "Everything known of one person, sent and not sent"):
        recipient = st.text_input(
            "Recipient's id",
            key="id",
            bind="query-params",
            type="search",
            placeholder="Recipient's id, exactly",
            label_visibility="collapsed",
            width=280,
        )
    if not recipient:
        _recent()
        return
    done.told()
    report = data.recipient_report(recipient)
    if not identity.may(Permission.SEE_CONTENT):
        report = report.without_content()
    if report.card is None and not report.deliveries:
        what = f"Nobody has told us of “{recipient}”. Ids are compared letter by letter. Tell us:"
        page.empty("Not known", what, f"curl -X PUT …/v1/recipients/{recipient}")
        return
    _show(recipient, report)


def _recent() -> None:
    found = data.recent_recipients()
    if not found:
        what = "Bring some, or send one an event:"
        page.empty("No recipients yet", what, "tidings import recipients FILE.csv")
        return
    st.caption("Lately something was decided for")
    now = data.now()
    with st.grid(4, min_column_width=190, gap="small"):
        for person in found:
            with st.container(border=True, key=f"card_{person.recipient_id}", gap="xxsmall"):
                query = {"id": [person.recipient_id]}
                page.link("recipient", person.name or person.recipient_id, query)
                st.caption(f"{code(person.recipient_id)} · {duration(now - person.last_at)} ago")


def _show(recipient: str, report: RecipientReport) -> None:
    personal = identity.may(Permission.SEE_PERSONAL)
    left, right = st.columns([1, 1.9], gap="small")
    with left:
        profile.show(recipient, report, personal=personal)
    with right:
        names = ["Sent and not sent", "Feed", "What if"]
        timeline, feed, what_if = st.tabs(names, key="recipient_tabs", on_change="rerun")
        with timeline:
            chosen = _timeline(recipient, report)
        with feed:
            profile.feed(report)
        if what_if.open:
            with what_if:
                prospect.show(recipient)
    delivery.drawer(chosen, _TABLE)


def _timeline(recipient: str, report: RecipientReport) -> str | None:
    if not report.deliveries:
        command = f'tidings emit page.edited --to {recipient} --data \'{{"page": "Great Wave"}}\''
        page.empty("Nothing was decided for them yet", "Send them an event:", command)
        return None
    chosen = tables.deliveries(report.deliveries, _TABLE, page.zone(), ("recipient", "due"))
    st.caption(f"The newest {len(report.deliveries)}. Times in {page.zone()}.")
    query = {"recipient": [recipient], "since": ["all"]}
    page.link("deliveries", "All of them", query, icon=":material/arrow_forward:")
    return None if chosen is None else str(report.deliveries[chosen].delivery_id)


PAGE = Page(
    key="recipient",
    title="Recipient",
    icon=":material/person_search:",
    section="Watch",
    needs=Permission.SEE,
    summary="Everything known of one person, and what they got and did not get.",
    render=render,
)
