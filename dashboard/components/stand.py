"""Whom a preview is for and what it tells: recipient and data, changed as JSON in place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.components import editor
from dashboard.components.editor import Asked, Mark
from dashboard.reading.reports import TemplateReport
from dashboard.showing import examples
from delivery.publishing.cases import ANNA
from models.records import Topic


@dataclass(frozen=True, slots=True)
class Stand:
    """What a preview is filled with.

    Attributes:
        persona: What it was begun from.
        context: `None` while something in it is no JSON object.
    """

    persona: str
    context: dict[str, Any] | None


def choose(report: TemplateReport) -> str:
    """The control that picks what to begin from."""
    return st.selectbox(
        "Filled with",
        list(examples.choices(report)),
        key=f"persona_{report.line.template}",
        label_visibility="collapsed",
        help="Whom the preview is for, and what it tells",
        width=230,
    )


def standing(report: TemplateReport, persona: str) -> Stand:
    """What the preview is filled with now."""
    data = _read(_key(report, persona, "data"))
    recipient = _read(_key(report, persona, "recipient"))
    given = examples.choices(report)[persona]
    data = given if data is None else data
    recipient = ANNA if recipient is None else recipient
    if isinstance(data, _Broken) or not isinstance(recipient, Mapping):
        return Stand(persona, None)
    return Stand(persona, examples.context(data, _topic(report, persona), recipient))


def edit(report: TemplateReport, persona: str) -> None:
    """Draw both as JSON."""
    left, right = st.columns(2, gap="small")
    with left:
        _json(report, persona, "data", examples.choices(report)[persona])
    with right:
        _json(report, persona, "recipient", ANNA)


@dataclass(frozen=True, slots=True)
class _Broken:
    line: int
    message: str


def _json(report: TemplateReport, persona: str, name: str, given: Any) -> None:
    key = _key(report, persona, name)
    read, marks = _read(key), []
    if isinstance(read, _Broken):
        marks = [Mark(read.line, read.message)]
    elif name == "recipient" and read is not None and not isinstance(read, dict):
        marks = [Mark(1, 'A recipient is an object: {"id": …}')]
    st.caption(name.capitalize())
    shown = json.dumps(given, indent=2, ensure_ascii=False)
    label = f"{name.capitalize()} as JSON"
    asked = Asked(shown, 0, label, language="json", height=200, marks=marks)
    editor.edit(asked, key, _turned)
    for mark in marks:
        st.markdown(f":red[:material/error: Line {mark.line}: {mark.message}]")


def _key(report: TemplateReport, persona: str, name: str) -> str:
    return f"stand_{name}_{report.line.template}_{persona}"


def _read(key: str) -> Any:
    """What was written; `None` when nothing was."""
    text = editor.typed(key, 0)
    if text is None:
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        return _Broken(error.lineno, f"not JSON: {error.msg}")
    except RecursionError:
        return _Broken(1, "nested too deeply")


def _topic(report: TemplateReport, persona: str) -> Topic | None:
    return next((each for each in report.topics if persona.startswith(f"{each.key}:")), None)


def _turned() -> None:
    """What is typed is read where it is used."""
