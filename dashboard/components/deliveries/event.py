"""The drawer of one event: what it said, what became of it, and its deliveries."""

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.components.deliveries import line
from dashboard.components.drawer import Drawer
from dashboard.door import identity
from dashboard.reading import outbox
from dashboard.reading.reports import EventReport
from dashboard.showing.safe import code, plain
from dashboard.showing.words import STATE_COLOURS, label, number
from models.readings.deliveries import Delivery
from models.reasons import sentence

_SHOWN = 12


def drawer(chosen: str | None, tables_of: Sequence[str]) -> None:
    """Open the drawer of the chosen event, or of the one that the URL names.

    Args:
        chosen: Id of the event somebody clicked.
        tables_of: Keys of the tables it may have been clicked in.
    """
    Drawer("Event", "event", clicked=tables_of).show(show, chosen)


def show(identifier: str) -> None:
    """Draw the drawer's inside."""
    identity.demand(Permission.SEE_SETTINGS)
    report = _report(identifier)
    if report is None:
        st.error(f"Nothing is known of an event {plain(identifier)}. It may be too old.")
        return
    event = report.event
    st.markdown(
        f":{STATE_COLOURS.get(event.state, 'gray')}-badge[{label(event.state)}]"
        + (" :violet-badge[Test]" if event.test else "")
    )
    if event.reason:
        st.error(plain(event.detail or ""), title=plain(sentence(event.reason)))
    _facts(report)
    st.subheader("Life", anchor=False)
    stages: list[line.Stage] = [("Created", event.created_at), ("Planned", event.planned_at)]
    stages += [("Not before", event.not_before), ("Useful until", event.expires_at)]
    line.show(stages, page.zone(), data.now())
    st.caption(f"Times in {page.zone()}")
    st.subheader("Data", anchor=False)
    if report.sensitive:
        st.markdown(":gray[:material/visibility_off: Hidden: this topic is sensitive.]")
    elif not identity.may(Permission.SEE_CONTENT):
        st.markdown(":gray[:material/visibility_off: Hidden: your roles do not let you see data.]")
    else:
        st.json(event.data, expanded=2)
    _deliveries(report)


def _report(identifier: str) -> EventReport | None:
    try:
        return outbox.event_report(UUID(identifier))
    except ValueError:
        return None


def _facts(report: EventReport) -> None:
    event = report.event
    facts = {
        "Event": f"`{event.event_id}`",
        "Outbox row": f"`{event.outbox_id}`",
        "Source": plain(event.source),
        "Topic": plain(event.topic),
        "Recipients": number(event.recipient_count),
        "Actor": plain(event.actor or ""),
        "Thread": plain(event.thread or ""),
        "Tenant": plain(event.tenant or ""),
        "Tags": plain(", ".join(event.tags or [])),
        "Dedup key": event.dedup_key and code(event.dedup_key),
        "Repeats": _repeats(report),
    }
    st.table({name: fact for name, fact in facts.items() if fact}, border="horizontal")


def _repeats(report: EventReport) -> str:
    if not report.event.duplicates:
        return ""
    differ = sum(repeat.differs for repeat in report.repeats)
    others = f", {differ} with another body" if differ else ""
    return f"{report.event.duplicates}{others}"


def _deliveries(report: EventReport) -> None:
    if not report.deliveries:
        return
    st.subheader("Deliveries", anchor=False)
    for delivery in report.deliveries[:_SHOWN]:
        _delivery(delivery)
    if len(report.deliveries) > _SHOWN:
        st.caption(f"and {number(len(report.deliveries) - _SHOWN)} more of the first recipients")


def _delivery(delivery: Delivery) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        colour = STATE_COLOURS.get(delivery.state, "gray")
        why = f" :small[:gray[{plain(sentence(delivery.why))}]]" if delivery.why else ""
        to = f"{plain(delivery.recipient_id)} · {label(delivery.channel)}"
        st.markdown(f":{colour}-badge[{label(delivery.state)}] {to}{why}")
        query = {"delivery": [str(delivery.delivery_id)]}
        page.link("deliveries", "Show", query, icon=":material/arrow_forward:")
