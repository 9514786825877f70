"""The fields of a campaign, in the order in which one thinks of them."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from delivery.campaigns.document import Known

Document = Mapping[str, Any]
MOST_A_MINUTE = 10_000_000
_WHEN = {
    "launch": "A minute after its launch",
    "at": "At one moment",
    "local_at": "At the same local time everywhere",
    "cron": "Again and again",
}
_MOMENTS = {
    "at": ("Moment with its zone", "2026-12-01T09:00:00+01:00"),
    "local_at": ("Local time, without a zone", "2026-12-01T09:00:00"),
    "cron": ("Cron expression", "0 9 * * mon"),
}


def fit(document: Document) -> bool:
    """Whether the fields can show a document, and would lose nothing of it."""
    schedule, goal = document.get("schedule", {}), document.get("goal", {})
    listed = document.get("recipients", [])
    if not (isinstance(schedule, dict) and isinstance(goal, dict) and isinstance(listed, list)):
        return False
    most = schedule.get("per_minute", 1)
    return (
        isinstance(most, int)
        and 1 <= most <= MOST_A_MINUTE
        and all(isinstance(document.get(name, ""), str) for name in ("topic", "audience"))
        and all(isinstance(each, str) and each == each.strip() and "," not in each
                for each in listed)
    )  # fmt: skip


def ask(document: Document, known: Known, turn: int, *, is_new: bool) -> dict[str, Any]:
    """Draw the fields, and give the document as they say it; what has no field stays as it is.

    Args:
        document: As it was read.
        known: What it may name.
        turn: Makes the keys of the widgets: they begin anew when the document comes from elsewhere.
        is_new: Its key may be chosen.
    """
    changed = dict(document)
    with st.container(border=True, gap="small"):
        st.subheader("Message", anchor=False)
        with st.container(horizontal=True):
            if is_new:
                changed["key"] = _text("Key", document, "key", turn)
            changed["title"] = _text("Title", document, "title", turn)
        changed["topic"] = _one_of("Topic", document, "topic", sorted(known.topics), turn) or ""
    with st.container(border=True, gap="small"):
        st.subheader("Audience", anchor=False)
        _audience(changed, known, turn)
    with st.container(border=True, gap="small"):
        st.subheader("When", anchor=False)
        _when(changed, turn)
    with st.container(border=True, gap="small"):
        st.subheader("Caps and quiet hours", anchor=False)
        st.caption("Those of its topic and of the installation hold. More slowly if you say so:")
        _pace(changed, turn)
    with st.container(border=True, gap="small"):
        st.subheader("Goal", anchor=False)
        _goal(changed, turn)
    return {name: value for name, value in changed.items() if value not in (None, {}, [])}


def _text(words: str, document: Document, name: str, turn: int, hint: str = "") -> str:
    return str(
        st.text_input(
            words, str(document.get(name, "")), key=f"camp_{name}_{turn}",
            placeholder=hint,
        )
    ).strip()  # fmt: skip


def _one_of(words: str, document: Document, name: str, offered: list[str], turn: int) -> str | None:
    chosen = document.get(name)
    if chosen and chosen not in offered:
        # What is wrong stays, to be told of.
        offered = [*offered, chosen]
    return st.selectbox(
        words, offered, index=offered.index(chosen) if chosen in offered else None,
        key=f"camp_{name}_{turn}", placeholder="Choose one",
    )  # fmt: skip


def _audience(changed: dict[str, Any], known: Known, turn: int) -> None:
    changed["audience"] = _one_of("Audience", changed, "audience", sorted(known.audiences), turn)
    listed = str(
        st.text_input(
            "Or recipients, by commas", ", ".join(changed.get("recipients", ())),
            key=f"camp_recipients_{turn}",
        )
    )  # fmt: skip
    changed["recipients"] = [each.strip() for each in listed.split(",") if each.strip()]


def _when(changed: dict[str, Any], turn: int) -> None:
    schedule = dict(changed.get("schedule", {}))
    now = next((name for name in _MOMENTS if name in schedule), "launch")
    kind = str(
        st.selectbox(
            "Goes", list(_WHEN), index=list(_WHEN).index(now), format_func=_WHEN.__getitem__,
            key=f"camp_when_{turn}",
        )
    )  # fmt: skip
    if kind == "launch":
        kept = {"over", "per_minute"}
    else:
        words, hint = _MOMENTS[kind]
        schedule[kind] = _text(words, schedule, kind, turn, hint=hint) or hint
        kept = {kind, "over", "per_minute"} | {"late", "zone", "until"}
    changed["schedule"] = {name: value for name, value in schedule.items() if name in kept}


def _pace(changed: dict[str, Any], turn: int) -> None:
    schedule = dict(changed.get("schedule", {}))
    with st.container(horizontal=True):
        over = _text("Spread over", schedule, "over", turn, hint="2 hours")
        most = st.number_input(
            "At most, a minute", 1, MOST_A_MINUTE, schedule.get("per_minute"), 100,
            key=f"camp_per_minute_{turn}", placeholder="As fast as it goes",
        )  # fmt: skip
    told = {**schedule, "over": over or None, "per_minute": most and int(most)}
    changed["schedule"] = {name: value for name, value in told.items() if value is not None}


def _goal(changed: dict[str, Any], turn: int) -> None:
    goal = dict(changed.get("goal", {}))
    name = _text("Conversion that it is for", goal, "conversion", turn, hint="upgraded")
    changed["goal"] = {**goal, "conversion": name} if name else None
