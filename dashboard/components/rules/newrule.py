"""A form for quiet hours, for who would rather not write TOML."""

from datetime import time
from typing import Any

import streamlit as st

from delivery.registry import all_channels
from delivery.rulebook.weeks import DAYS
from models.records import Class

_MIDNIGHT = time(0)
"""From here to here: all day long."""
_CLASSES = [Class.PROMOTIONAL, Class.TRANSACTIONAL]


def ask() -> dict[str, Any] | None:
    """Ask for one rule; `None` until it is given."""
    with st.form("new_rule", border=False):
        key = st.text_input("Key", key="rule_key", max_chars=40, placeholder="nights")
        kind = st.radio("Kind", ["Quiet", "Send only"], horizontal=True, key="rule_kind")
        days = st.pills("Days", DAYS, default=DAYS, selection_mode="multi", key="rule_days")
        with st.container(horizontal=True):
            start = st.time_input("From", time(22), key="rule_from")
            end = st.time_input("To", time(7), key="rule_to")
        classes = st.pills(
            "Of", _CLASSES, default=_CLASSES[:1], selection_mode="multi", key="rule_classes"
        )
        channels = st.multiselect(
            "On", sorted(all_channels()), key="rule_channels",
            placeholder="Every channel but the feed",
        )  # fmt: skip
        binding = st.checkbox("Also where a person set hours of their own", key="rule_binding")
        if not st.form_submit_button("Add", type="primary"):
            return None
    kind = "send" if kind == "Send only" else "quiet"
    return _rule(str(key), str(kind), _line(days, start, end)) | {
        **({"classes": [str(each) for each in classes]} if classes else {}),
        **({"channels": channels} if channels else {}),
        **({"binding": True} if binding and kind == "quiet" else {}),
    }


def _rule(key: str, kind: str, line: str) -> dict[str, Any]:
    return {"key": key.strip(), kind: [line]}


def _line(days: Any, start: time, end: time) -> str:
    named = "daily" if len(days) == len(DAYS) else ",".join(day for day in DAYS if day in days)
    until = "24:00" if start == end == _MIDNIGHT else f"{end:%H:%M}"
    return f"{named} {start:%H:%M}-{until}"
