"""Editing a topic: its document as TOML in place, checked at each change, saved whole."""

from typing import Any

import streamlit as st

from dashboard.access import Permission
from dashboard.changing import subjects
from dashboard.components import done
from dashboard.components.people import ownership
from dashboard.door import identity
from dashboard.showing.safe import plain
from delivery.rulebook.writing import as_toml
from delivery.topics import TopicError, as_document, read_toml, sentences
from models.records import Topic

_DRAFT, _BASE, _FILLED = "topic_draft", "topic_base", "topic_filled"
_NOTE = "Read by whoever has to look first, where a template would be said in another class"
_NEW = """\
key = "board.shared"
title = "A board was shared with you"
category = "sharing"
class = "transactional"

[[steps]]
key = "in_app"
channel = "in_app"
template = "board-shared-feed"
"""


def is_open(key: str | None) -> bool:
    """Whether somebody is at this topic, or (`None`) at a new one."""
    base = st.session_state.get(_BASE)
    return _DRAFT in st.session_state and (base and base["key"]) == key


def open_on(topic: Topic | None) -> None:
    """Begin with a topic's document; with an example for a new one."""
    base = None if topic is None else as_document(topic)
    st.session_state[_BASE] = base
    st.session_state[_DRAFT] = _NEW if base is None else as_toml(base)
    # In another widget, as the browser remembers what it wrote in one.
    st.session_state[_FILLED] = st.session_state.get(_FILLED, 0) + 1
    st.rerun()


def edit() -> None:
    """Draw the editor, what the topic would do, and the way to save it."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        text = _text()
    with right:
        topic = _checked(text)
        team = None if st.session_state[_BASE] else ownership.choose(Permission.CHANGE_TOPICS)
    _save(text, topic, team)


def _text() -> str:
    # What a widget holds ends with its page; the draft is kept beside it.
    key = f"topic_text_{st.session_state.get(_FILLED, 0)}"
    st.session_state.setdefault(key, st.session_state[_DRAFT])
    text = str(st.text_area("Topic, as TOML", height=520, key=key))
    st.session_state[_DRAFT] = text
    return text


def _checked(text: str) -> Topic | None:
    """The topic, when it can be read; what it does, or its faults, are told."""
    try:
        topic = read_toml(text, subjects.known())
    except TopicError as error:
        for fault in error.faults:
            st.error(plain(f"Line {fault.line}: {fault}" if fault.line else str(fault)))
        return None
    for said in sentences(topic):
        st.markdown(f":material/check: {plain(said)}")
    return topic


def _save(text: str, topic: Topic | None, team: str | None) -> None:
    base: dict[str, Any] | None = st.session_state[_BASE]
    note = str(st.text_input("Note", key="topic_note", max_chars=300, help=_NOTE))
    with st.container(horizontal=True, key="topic_save"):
        save = st.button("Save", type="primary", disabled=topic is None, key="topic_now")
        discard = st.button("Discard", key="topic_discard")
    st.caption("In effect within a second, everywhere. What waits is judged by it when it is due.")
    if discard:
        _close()
        st.rerun()
    if save:
        who = identity.current().person

        def put() -> None:
            saved = subjects.save(who, text, base, team)
            _close()
            st.query_params["topic"] = saved.key

        done.attempt(
            put,
            "Saved: in effect within a second",
            lambda: subjects.ask(who, text, base, team, note),
        )


def _close() -> None:
    for key in (_DRAFT, _BASE):
        st.session_state.pop(key, None)
