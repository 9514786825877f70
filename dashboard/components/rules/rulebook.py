"""Editing the rules: as TOML in place, checked at each change, published with a note."""

from typing import Any

import streamlit as st

from dashboard.changing import ruling
from dashboard.components import done
from dashboard.components.rules import newcap, newrule, simulation
from dashboard.door import identity
from dashboard.showing.safe import plain
from delivery.rulebook import RulebookError, read, read_toml, sentence
from delivery.rulebook.writing import as_toml
from models.records import StoredDocument

_DRAFT = "rules_draft"
_BASE = "rules_base"
_FILLED = "rules_filled"
_AT_ONCE = "In force within a second, everywhere. What rules hold is looked at again."
_WAITS = "Somebody else has to look at it first; then it takes effect from the page Approvals."


def is_open() -> bool:
    """Whether somebody is at it."""
    return _DRAFT in st.session_state


def open_on(stored: StoredDocument | None) -> None:
    """Begin with the rules of a version; with none when there is none."""
    _fill(as_toml(stored.document) if stored else "")
    st.rerun()


def _fill(text: str) -> None:
    """Begin anew with a text: in another widget, as the browser remembers what it wrote in one."""
    st.session_state[_DRAFT] = text
    st.session_state[_FILLED] = st.session_state.get(_FILLED, 0) + 1


def edit(live: StoredDocument | None) -> None:
    """Draw the editor, what its rules say, and the way to publish them."""
    st.session_state.setdefault(_BASE, live.version if live else 0)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        text = _text()
    with right:
        document = _checked(text)
        if document is not None:
            with st.expander("Add quiet hours", icon=":material/add:"):
                _add(document)
            with st.expander("Add or change a cap", icon=":material/speed:"):
                changed = newcap.ask(document, st.session_state.get(_FILLED, 0))
            if changed is not None:
                _take(changed)
    if document is not None:
        simulation.show(document)
    _publish(text, document)


def _text() -> str:
    # What a widget holds ends with its page; the draft is kept beside it.
    key = f"rules_text_{st.session_state.get(_FILLED, 0)}"
    st.session_state.setdefault(key, st.session_state[_DRAFT])
    text = str(st.text_area("Rules, as TOML", height=420, key=key))
    st.session_state[_DRAFT] = text
    return text


def _checked(text: str) -> dict[str, Any] | None:
    """The document, when it can be read; its rules, or its faults, are told."""
    try:
        document = read_toml(text)
    except RulebookError as error:
        for place, fault in error.faults:
            st.error(plain(f"{place}: {fault}" if place else fault))
        return None
    rules = read(document).rules
    for rule in rules:
        st.markdown(f":material/check: {plain(sentence(rule))}")
    if not rules:
        st.caption("It holds no rule.")
    return document


def _add(document: dict[str, Any]) -> None:
    added = newrule.ask()
    if added is None:
        return
    rules = [*document.get("quiet_hours", []), added]
    _take({**document, "quiet_hours": rules})


def _take(document: dict[str, Any]) -> None:
    """Go on with this document, unless something in it is wrong."""
    text = as_toml(document)
    try:
        read_toml(text)
    except RulebookError as error:
        st.error(plain(str(error)))
        return
    _fill(text)
    st.rerun()


def _publish(text: str, document: dict[str, Any] | None) -> None:
    base = int(st.session_state[_BASE])
    waits = document is not None and ruling.RULES.needs_approval(identity.current(), document, base)
    label = "Ask for approval" if waits else "Publish"
    with st.container(horizontal=True, vertical_alignment="bottom", key="rules_publish"):
        note = str(st.text_input("Note", key="rules_note", max_chars=300))
        publish = st.button(label, type="primary", disabled=document is None, key="rules_now")
        discard = st.button("Discard", key="rules_discard")
    st.caption(_WAITS if waits else _AT_ONCE)
    if discard:
        _close()
        st.rerun()
    if publish:
        _put(text, note, base)


def _put(text: str, note: str, base: int) -> None:
    who = identity.current().person

    def put() -> None:
        ruling.publish(who, text, note, base)
        _close()

    def ask() -> None:
        ruling.RULES.ask(who, text, note, base)
        _close()

    done.attempt(put, "Published: in force within a second", ask)


def _close() -> None:
    simulation.forget()
    for key in (_DRAFT, _BASE, "rules_note"):
        st.session_state.pop(key, None)
