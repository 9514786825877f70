"""Send me one: a test event to one recipient, and what became of it."""

import json
import secrets
from uuid import UUID

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing import subjects
from dashboard.components import done
from dashboard.door import identity
from dashboard.reading import outbox
from dashboard.showing.safe import code, plain
from dashboard.showing.words import STATE_COLOURS, label
from delivery.publishing.examples import examples_of
from models.readings.deliveries import Delivery
from models.reasons import sentence
from models.records import Topic
from models.states import DeliveryState, EventState

_ROW, _SENT = "tryout_row", "tryout_sent"
_PENDING = {DeliveryState.SCHEDULED, DeliveryState.SENDING}


def show(topic: Topic) -> None:
    """Draw the form, and the last one that was sent."""
    with st.container(border=True, key="card_topic_try"):
        st.subheader("Send me one", anchor=False)
        st.caption("A test event: mail goes to the allow-list alone, and nothing is counted.")
        recipient = st.text_input("Recipient's id", key="try_recipient", max_chars=200)
        example = json.dumps((examples_of(topic.schema) or [{}])[0], indent=2, ensure_ascii=False)
        key = f"try_data_{topic.key}"
        st.session_state.setdefault(key, example)
        text = st.text_area("Data as JSON", key=key, height=170)
        if st.button("Send", type="primary", icon=":material/send:", key="try_now"):
            done.attempt(lambda: _send(topic, str(recipient), str(text)), "It is on its way")
        sent: tuple[str, UUID] | None = st.session_state.get(_SENT)
        if sent and sent[0] == topic.key:
            outcome(sent[1])


def _send(topic: Topic, recipient: str, text: str) -> None:
    # Drawn once for what is typed now, so that two clicks are one event.
    row = st.session_state.setdefault(_ROW, UUID(bytes=secrets.token_bytes(16)))
    event = subjects.try_out(identity.current().person, topic.key, recipient.strip(), text, row)
    st.session_state[_SENT] = (topic.key, event)
    del st.session_state[_ROW]


def outcome(event: UUID) -> None:
    """Show what became of a test event, until it is settled."""
    waits = st.session_state.get("tryout_done") != event
    st.fragment(_look, run_every="1s" if waits else None, key="tryout")(event)


def _look(event: UUID) -> None:
    identity.demand(Permission.SEE_CONTENT)
    report = outbox.event_report(event)
    if report is None:
        st.caption("It waits to be planned: do workers run?")
        return
    if report.event.state == EventState.REJECTED:
        st.error(plain(report.event.detail or sentence(report.event.reason)))
    for one in report.deliveries:
        _delivery(one)
    page.link("outbox", "The event", {"event": [str(event)]}, icon=":material/move_to_inbox:")
    pending = any(one.state in _PENDING and one.held_for is None for one in report.deliveries)
    if not pending and st.session_state.get("tryout_done") != event:
        st.session_state["tryout_done"] = event
        st.rerun()


def _delivery(one: Delivery) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        why = f" {plain(sentence(one.why))}" if one.why else ""
        badge = f":{STATE_COLOURS.get(one.state, 'gray')}-badge[{label(one.state)}]"
        st.markdown(f"{badge} {label(one.channel)}{why}")
        query = {"recipient": [one.recipient_id], "since": ["1h"]}
        query["delivery"] = [str(one.delivery_id)]
        page.link("deliveries", "Why", query, icon=":material/help:")
    if one.response:
        st.caption(code(one.response[:200]))
