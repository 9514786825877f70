"""How a campaign says it: messages of a sequence, ways to say the first, a test, a goal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.components.campaigns.field import Form, filled
from dashboard.showing.words import label
from delivery.campaigns.body import FIRST

Rows = list[dict[str, Any]]
Put = Callable[[str, Rows], None]
_PART = 50.0
_BY = ("opened", "clicked", "converted")
_BAD = {"bounced": ("bounce", 5.0), "complained": ("complain", 0.3), "failed": ("fail", 5.0)}


def ask(form: Form, put: Put) -> dict[str, Any]:
    """Draw the fields; what they say.

    Args:
        form: What they are drawn from.
        put: Puts other rows into the document: its fields begin anew.
    """
    form = replace(form, document={"steps": [{"key": FIRST}], **form.document})
    said: dict[str, Any] = {}
    with st.container(border=True, gap="small"):
        st.subheader("Messages", anchor=False)
        said["steps"] = _steps(form, put)
    with st.container(border=True, gap="small"):
        st.subheader("Ways to say the first", anchor=False)
        said["variants"] = _variants(form, put)
        said["winner"] = _winner(form) if len(said["variants"]) > 1 else None
    with st.container(border=True, gap="small"):
        st.subheader("A few first", anchor=False)
        said["canary"] = _canary(form)
    with st.container(border=True, gap="small"):
        st.subheader("Goal", anchor=False)
        said["goal"] = _goal(form)
    return said


def _steps(form: Form, put: Put) -> Rows:
    held: Rows = form.value("steps")
    found = []
    for place in range(len(held)):
        with _row():
            said: dict[str, Any] = {"key": form.text("Step", "steps", place, "key") or None}
            if place:
                said["after"] = form.text("After the start", "steps", place, "after", hint="3 days")
            found.append(filled({**said, "templates": _templates(form, "steps", place)}))
            if len(held) > 1:
                _remove("steps", held, place, form, put)
    _add("Add a message", "steps", [*held, {"key": f"step-{len(held) + 1}", "after": "3 days"}],
         form, put)  # fmt: skip
    form.told("steps")
    return found


def _variants(form: Form, put: Put) -> Rows:
    held: Rows = form.value("variants") or []
    found = []
    for place in range(len(held)):
        with _row():
            found.append(
                filled({
                    "key": form.text("Variant", "variants", place, "key"),
                    "share": form.number("Share", 100.0, "variants", place, "share", begin=100),
                    "templates": _templates(form, "variants", place),
                })
            )  # fmt: skip
            _remove("variants", held, place, form, put)
    more = {"key": "abcdefghij"[len(held) % 10], "share": 50.0}
    _add("Add a variant", "variants", [*held, more], form, put)
    form.told("variants")
    return found


def _row() -> Any:
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def _templates(form: Form, *loc: int | str) -> Mapping[str, str]:
    """The choice of a template a channel; those of the topic stand for themselves."""
    topic = form.known.topics.get(str(form.value("topic")))
    chosen: dict[str, str] = {}
    for channel in dict.fromkeys(step.channel for step in topic.steps) if topic else ():
        found = form.choice(
            f"{label(channel)} template", form.known.published(channel), *loc, "templates", channel,
            empty="As its topic says",
        )  # fmt: skip
        if found:
            chosen[channel] = found
    return chosen


def _add(words: str, name: str, rows: Rows, form: Form, put: Put) -> None:
    if st.button(words, icon=":material/add:", key=form.name("add", name), type="tertiary"):
        put(name, rows)


def _remove(name: str, rows: Sequence[dict[str, Any]], place: int, form: Form, put: Put) -> None:
    if st.button(
        "Remove", key=form.name("remove", name, place), type="tertiary",
        help=f"Remove {rows[place].get('key', place + 1)}",
    ):  # fmt: skip
        put(name, [*rows[:place], *rows[place + 1 :]])


def _winner(form: Form) -> dict[str, Any] | None:
    held = form.value("winner")
    if not st.toggle("Test them with a part, send everybody else the best", held is not None,
                     key=form.name("tests")):  # fmt: skip
        return None
    with _row():
        share = form.number("Test with, per cent", _PART, "winner", "share", begin=20)
        after = form.text("Decide after", "winner", "after", hint="4 hours")
        best = form.choice("Best is what was most", _BY, "winner", "by")
    form.told("winner", "by")
    return {"share": share or 20.0, "after": after or "4 hours", "by": best or "clicked"}


def _canary(form: Form) -> dict[str, Any] | None:
    held = form.value("canary")
    if not st.toggle("A part goes first; the rest follows when nothing is wrong with it",
                     held is not None, key=form.name("canaries")):  # fmt: skip
        return None
    with _row():
        share = form.number("Part, per cent", _PART, "canary", "share", begin=1)
        after = form.text("The rest follows after", "canary", "after", hint="30 minutes")
    with _row():
        limits = {
            name: form.number(f"Stop when more {verb}, per cent", 100.0, "canary", name, begin=most)
            for name, (verb, most) in _BAD.items()
        }
    return {"share": share or 1.0, "after": after or "30 minutes", **filled(limits)}


def _goal(form: Form) -> dict[str, Any] | None:
    name = form.text("Conversion that it is for", "goal", "conversion", hint="upgraded")
    if not name:
        return None
    stops = form.value("goal", "stop") is not False
    stop = st.toggle("Whoever did it gets no further message", stops, key=form.name("stop"))
    return {"conversion": name, "stop": stop}
