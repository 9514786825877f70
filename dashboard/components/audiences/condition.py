"""The form that adds a condition to an audience: what it is about, and what it says."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.showing.conditions import ATTRIBUTE_TESTS, Node, attribute, filled, split
from models.records.audiences import Nameable
from models.records.conditions import Did

_ABOUT = {
    "attribute": "An attribute",
    "org": "Organisation",
    "locale": "Language",
    "timezone": "Time zone",
    "created": "Known since",
    "event": "Events for them",
    "sent": "Messages sent",
    "delivered": "Messages that arrived",
    "opened": "Messages opened",
    "clicked": "Links followed",
    "address": "Has an address",
    "reachable": "Can be reached",
    "consent": "Wants a category",
    "audience": "In another audience",
}
_ANY_TOPIC = "Any topic"
_SPANS = {"within": "in the last", "longer_ago": "longer ago than"}


def ask(known: Nameable) -> Node | None:
    """Draw the form; the condition once it is added."""
    about = str(
        st.selectbox(
            "Condition about", list(_ABOUT), format_func=_ABOUT.__getitem__, key="cond_about"
        )
    )
    node = _FIELDS[about](about, known)
    if st.button("Add condition", icon=":material/add:", key="cond_add"):
        return node
    return None


def _attribute(_about: str, _known: Nameable) -> Node:
    name = st.text_input("Attribute", key="cond_name", placeholder="plan", max_chars=200)
    test = str(
        st.selectbox(
            "Test", list(ATTRIBUTE_TESTS), format_func=ATTRIBUTE_TESTS.__getitem__, key="cond_test"
        )
    )
    said = (
        ""
        if test == "exists"
        else str(
            st.text_input("Value", key="cond_value", help="Several with commas; times like 30 days")
        )
    )
    return attribute(str(name), test, said)


def _listed(about: str, _known: Nameable) -> Node:
    said = st.text_input("One of", key="cond_in", help="Several with commas")
    return filled(about, {"in": split(str(said))})


def _created(about: str, _known: Nameable) -> Node:
    test = str(st.selectbox("When", list(_SPANS), format_func=_SPANS.__getitem__, key="cond_when"))
    return filled(about, {test: str(st.text_input("Time", "30 days", key="cond_time"))})


def _happened(about: str, known: Nameable) -> Node:
    topic = st.selectbox("Topic", [_ANY_TOPIC, *sorted(known.topics)], key="cond_topic")
    least = st.number_input("At least", 0, 1_000_000, 1, key="cond_least")
    most = st.number_input("At most", 0, 1_000_000, None, key="cond_most", placeholder="no limit")
    within = st.text_input("In the last", key="cond_within", placeholder="30 days")
    given: dict[str, Any] = {"at_least": least or None, "at_most": most, "within": str(within)}
    return filled(about, {"topic": None if topic == _ANY_TOPIC else topic, **given})


def _address(about: str, known: Nameable) -> Node:
    return filled(about, {"channel": _channel(known)})


def _reachable(about: str, known: Nameable) -> Node:
    every = "Any category"
    category = st.selectbox("For", [every, *sorted(known.categories)], key="cond_for")
    chosen = None if category == every else category
    return filled(about, {"channel": _channel(known), "category": chosen})


def _consent(about: str, known: Nameable) -> Node:
    category = st.selectbox("Category", sorted(known.categories), key="cond_category")
    return filled(about, {"category": category, "channel": _channel(known)})


def _audience(about: str, known: Nameable) -> Node:
    return filled(about, {"key": st.selectbox("Audience", sorted(known.audiences), key="cond_key")})


def _channel(known: Nameable) -> str:
    channels = sorted(known.channels)
    start = channels.index("email") if "email" in channels else 0
    return str(st.selectbox("Channel", channels, index=start, key="cond_channel"))


_FIELDS: dict[str, Callable[[str, Nameable], Node]] = {
    "attribute": _attribute,
    "org": _listed,
    "locale": _listed,
    "timezone": _listed,
    "created": _created,
    **{str(did): _happened for did in Did},
    "address": _address,
    "reachable": _reachable,
    "consent": _consent,
    "audience": _audience,
}
