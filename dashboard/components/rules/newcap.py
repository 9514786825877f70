"""A form for a frequency cap, which says it as a sentence while one fills it."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

import streamlit as st

from dashboard.reading import cached
from dashboard.showing.capform import ROLLING, CapForm, body, filled, told, with_cap
from dashboard.showing.safe import plain
from dashboard.showing.words import label
from delivery.registry import all_channels
from delivery.rulebook import RulebookError, read
from models.records import WEEKDAYS, Class, Over, Period, Rhythm

_NEW = "A new one"
_OVER = {
    Over.HOLD: "waits for a slot",
    Over.DIGEST: "goes together later",
    Over.DOWNGRADE: "is told in-app alone",
    Over.SKIP: "is not sent",
}
_EVERY_DAY = "day"


def ask(document: Mapping[str, Any], filling: int) -> dict[str, Any] | None:
    """Ask for a cap; the rulebook with it, once it is given.

    Args:
        document: The rulebook that is edited.
        filling: Changes when the form is to begin anew.
    """
    caps = {cap.key: cap for cap in read(document).caps}
    chosen = st.selectbox("Cap", [_NEW, *caps], key=f"cap_which_{filling}")
    changed = chosen if chosen in caps else None
    begun = CapForm() if changed is None else filled(caps[changed])
    form = _fields(begun, f"{filling}_{changed}", known=changed is not None)
    said = body(form)
    sound = _told(said)
    with st.container(horizontal=True):
        verb = "Add the cap" if changed is None else "Change it"
        if st.button(verb, type="primary", disabled=not sound, key="cap_put"):
            return with_cap(document, changed, said)
        if changed is not None and st.button("Take it out", key="cap_out"):
            return with_cap(document, changed, None)
    return None


def _told(said: Mapping[str, Any]) -> bool:
    """Say the rule, or what it lacks; whether it is one."""
    try:
        st.markdown(f":material/record_voice_over: **{plain(told(said))}**")
    except RulebookError as error:
        faults = [fault for place, fault in error.faults if said["key"] or "key" not in place]
        st.caption(plain("; ".join(faults) or "Give it a key."))
        return False
    return True


def _fields(begun: CapForm, mark: str, *, known: bool) -> CapForm:
    key = st.text_input(
        "Key of the cap", begun.key, key=f"cap_key_{mark}", max_chars=40, placeholder="offers",
        disabled=known, live=True,
    )  # fmt: skip
    limit = st.number_input(
        "At most", 1, 1000, begun.limit, key=f"cap_limit_{mark}", placeholder="No cap",
        help="Messages to one recipient; empty: no cap.",
    )  # fmt: skip
    windows = [*map(str, Period), ROLLING]
    window = st.segmented_control(
        "In a", windows, default=begun.window, key=f"cap_window_{mark}", required=True,
        format_func=label, help="A day, week or month of the recipient's calendar, or looking back",
    )  # fmt: skip
    within = begun.within
    if window == ROLLING:
        within = st.text_input("Within", within, key=f"cap_within_{mark}", live=True)
    over = st.selectbox(
        "More", list(_OVER), list(_OVER).index(begun.over), key=f"cap_over_{mark}",
        format_func=lambda one: _OVER[one],
    )  # fmt: skip
    rhythm = _rhythm(begun.rhythm, mark) if over is Over.DIGEST else begun.rhythm
    picks, counts, free = _whom(begun, mark)
    return CapForm(
        str(key), None if limit is None else int(limit), str(window), str(within), picks,
        counts, free, Over(over), rhythm,
    )  # fmt: skip


def _rhythm(begun: Rhythm, mark: str) -> Rhythm:
    days = [_EVERY_DAY, *WEEKDAYS]
    place = 0 if begun.weekday is None else begun.weekday + 1
    with st.container(horizontal=True):
        day = st.selectbox("Each", days, place, key=f"cap_day_{mark}", format_func=label)
        at: time = st.time_input(
            "At, the recipient's time", begun.at, key=f"cap_at_{mark}", required=True
        )
    return Rhythm(at, None if day == _EVERY_DAY else WEEKDAYS.index(day))


def _whom(
    begun: CapForm, mark: str
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...], tuple[str, ...]]:
    """What it is about, which classes take a slot, and which need none."""
    topics = cached.topics()
    known = {
        "channels": sorted(all_channels()),
        "categories": sorted({topic.category for topic in topics.values()}),
        "topics": sorted(topics),
        "orgs": [], "tags": [], "campaigns": [],
    }  # fmt: skip
    classes = _classes("Of class", begun.picks.get("classes", ()), f"cap_classes_{mark}")
    picks = {"classes": classes}
    sides = st.columns(2)
    for number, (name, choices) in enumerate(known.items()):
        with sides[number % 2]:
            picks[name] = _named(name, choices, begun.picks.get(name, ()), mark)
    counts = _classes("Takes a slot", begun.counts, f"cap_counts_{mark}")
    free = _classes("Needs none", begun.free, f"cap_free_{mark}", but=Class.CRITICAL)
    st.caption("Critical news never needs a slot.")
    return picks, counts, free


def _classes(
    title: str, begun: Sequence[str], key: str, but: Class | None = None
) -> tuple[str, ...]:
    options = [str(klass) for klass in Class if klass is not but]
    found = st.pills(
        title, options, default=begun, selection_mode="multi", key=key, format_func=label
    )
    return tuple(found)


def _named(name: str, choices: Sequence[str], begun: Sequence[str], mark: str) -> tuple[str, ...]:
    every = "Every channel but the feed" if name == "channels" else "All"
    found = st.multiselect(
        label(name), sorted({*choices, *begun}), begun, key=f"cap_{name}_{mark}",
        accept_new_options=name != "channels", placeholder=every,
    )  # fmt: skip
    return tuple(map(str, found))
