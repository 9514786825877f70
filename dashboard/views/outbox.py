"""Outbox: what comes in, what waits, what was refused, and how to send an event."""

import streamlit as st

from dashboard import data, page, settings
from dashboard.access import Permission
from dashboard.components import filters, tables
from dashboard.components.deliveries import event, sources
from dashboard.data import EventsWanted
from dashboard.page import Page
from dashboard.reading import cached, outbox
from dashboard.showing import paging
from dashboard.showing.snippets import FIRST, snippets
from dashboard.showing.spans import LENGTHS, Span
from dashboard.showing.words import label
from models.readings.deliveries import Position
from models.readings.events import Event
from models.states import EventState

_TABLE, _REJECTED = "events_table", "rejected_table"
_STATES = {label(state): state for state in EventState}


def render() -> None:
    """Draw the page."""
    page.header("Outbox", "What comes in, what waits, what was refused")
    st.fragment(sources.show, run_every="5s", key="sources")()
    names = ["Events", "Rejected", "Repeats", "Send one"]
    tabs = st.tabs(names, key="outbox_tabs", on_change="rerun")
    parts = (_events, _rejected, sources.repeats, _snippets)
    chosen = None
    for tab, part in zip(tabs, parts, strict=True):
        if tab.open:
            with tab:
                chosen = part()
    event.drawer(chosen, (_TABLE, _REJECTED))


def _events() -> str | None:
    with st.container(horizontal=True, key="event_filters", gap="small"):
        state = filters.one_of("Any state", "event_state", list(_STATES), 190)
        topic = filters.one_of("Any topic", "event_topic", sorted(cached.topics()), 190)
    wanted = EventsWanted(
        state=_STATES.get(state or ""), topic=topic, before=paging.current(), limit=paging.SIZE + 1
    )
    found = outbox.events(wanted)
    chosen = _table(found[: paging.SIZE], _TABLE)
    if len(found) > paging.SIZE or paging.current():
        last = found[: paging.SIZE][-1:]
        more = [Position(line.created_at, line.event_id) for line in last]
        paging.controls(more[0] if len(found) > paging.SIZE else None)
    return chosen


def _rejected() -> str | None:
    found = outbox.rejected(data.now() - LENGTHS[Span.WEEK])
    if not found:
        page.empty("Nothing was rejected in 7 days", "A row that is refused stands here, with why.")
        return None
    return _table(found, _REJECTED)


def _table(found: list[Event], key: str) -> str | None:
    if not found:
        page.empty("No events yet", "Send one, then look here:", FIRST)
        return None
    chosen = tables.events(found, key, page.zone())
    st.caption(f"Click a row to see all of it. Times in {page.zone()}.")
    return None if chosen is None else str(found[chosen].event_id)


def _snippets() -> None:
    topics = cached.topics()
    if not topics:
        page.empty("No topics yet", "An event is about a topic; make one first:", "tidings up")
        return
    key = st.selectbox("Topic", sorted(topics), key="snippet_topic", width=320)
    for snippet in snippets(topics[key], settings.delivery().public_url):
        st.caption(snippet.title)
        st.code(snippet.text, language=snippet.language)


PAGE = Page(
    key="outbox",
    title="Outbox",
    icon=":material/move_to_inbox:",
    section="Integrate",
    needs=Permission.SEE_SETTINGS,
    summary="What comes in, what waits, what was refused, and how to send an event.",
    render=render,
)
