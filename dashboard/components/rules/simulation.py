"""Trying rules before they are published: who would have got what in the last days."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import page
from dashboard.components.tables import ROW_HEIGHT
from dashboard.reading import trial
from dashboard.showing.words import label
from delivery.simulation.tally import LAGS, LATER, Tally
from models.reasons import sentence

_RESULT = "rules_simulated"
_LONGEST = 30


def show(document: Mapping[str, Any]) -> None:
    """Draw the button and the last result of the session."""
    with st.container(border=True, key="rules_simulation"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            days = st.number_input(
                "Days", 1, _LONGEST, 7, key="rules_days", width=110, help="How far back to look"
            )
            if st.button("Simulate", icon=":material/experiment:", key="rules_simulate"):
                st.session_state[_RESULT] = _said(document), _try(document, int(days))
        st.caption(
            "Decides what is recorded again under these rules, with the very policies that decide"
            " when a message is due. Nothing is sent, nothing is written."
        )
        if _RESULT in st.session_state:
            tried, tally = st.session_state[_RESULT]
            if tried != _said(document):
                st.info("The rules were changed since: simulate again.")
            _result(tally)


def forget() -> None:
    """Drop the last result."""
    st.session_state.pop(_RESULT, None)


def _said(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, default=str)


def _try(document: Mapping[str, Any], days: int) -> Tally:
    bar, tally = st.progress(0.0, "Reading what is recorded"), Tally()
    for number, tally in enumerate(trial.tried(document, days), 1):
        bar.progress(number / trial.PARTS, f"{tally.decisions:,} decisions")
    bar.empty()
    return tally


def _result(tally: Tally) -> None:
    before, after = tally.messages
    if not tally.decisions:
        page.empty("Nothing was planned in these days", "Look further back, or send something.")
        return
    one, two, three = st.columns(3)
    one.metric("Messages", f"{after:,}", _change(before, after), **_PLAIN)
    two.metric("Would have waited", f"{tally.held.total():,}", "before they went", **_PLAIN)
    three.metric("Recipients", f"{tally.recipients:,}", "had any, or would have", **_PLAIN)
    left, right = st.columns([3, 2])
    with left:
        _outcomes(tally)
        st.markdown("**Messages by how long after they were wanted**")
        st.bar_chart(
            _lags(tally), x="wait", y="messages", horizontal=True, sort=False, height=230,
            x_label="", y_label="",
        )  # fmt: skip
    with right:
        _waits(tally)
        _people(tally)


_PLAIN: dict[str, Any] = {
    "delta_color": "off", "delta_arrow": "off", "border": True, "height": "stretch",
}  # fmt: skip


def _change(before: int, after: int) -> str:
    change = f", {(after - before) / before:+.0%}" if before and after != before else ""
    return f"{before:,} went{change}"


def _outcomes(tally: Tally) -> None:
    rows = [
        (_name(*subject), _outcome(outcome), tally.before[subject, outcome],
         tally.after[subject, outcome])
        for subject, outcome in sorted({*tally.before, *tally.after}, key=str)
    ]  # fmt: skip
    _table(
        "Deliveries by topic and outcome, as they were and as they would have been",
        ("Topic", "Outcome"), ("As it was", "Would have been"), rows,
    )  # fmt: skip


def _waits(tally: Tally) -> None:
    held = sorted(tally.held.items(), key=str)
    rows = [(_name(*subject), sentence(reason), number) for (subject, reason), number in held]
    if rows:
        _table("Would have waited, by topic and reason", ("Topic", "Why"), ("Deliveries",), rows)


def _people(tally: Tally) -> None:
    rows = [(one.recipient_id, one.before, one.after) for one in tally.affected]
    if not rows:
        st.caption("Everybody would have got as many messages as they got.")
        return
    st.markdown("**Most affected recipients**")
    _table("Messages of the most affected recipients", ("Recipient",), ("Got", "Would get"), rows)


def _table(
    title: str, words: Sequence[str], numbers: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    st.dataframe(
        pd.DataFrame(rows, columns=[*words, *numbers]),
        hide_index=True, alt=title, row_height=ROW_HEIGHT,
        column_config={
            name: st.column_config.NumberColumn(name, format="localized") for name in numbers
        },
    )  # fmt: skip


def _name(topic: str, campaign: str | None) -> str:
    return topic if campaign is None else f"{topic} / {campaign}"


def _outcome(outcome: str) -> str:
    state, _, reason = outcome.partition(":")
    return f"{label(state)}: {sentence(reason)}" if reason else label(state)


def _lags(tally: Tally) -> pd.DataFrame:
    names = [*(name for name, _ in LAGS), LATER]
    return pd.DataFrame({"wait": names, "messages": [tally.lags[name] for name in names]})
