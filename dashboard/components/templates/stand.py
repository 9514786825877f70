"""Whom a preview is for and what it tells: recipient and data, changed as JSON in place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.access import Permission
from dashboard.changing import personas
from dashboard.components.done import attempt
from dashboard.components.templates import editor
from dashboard.components.templates.editor import Asked, Mark
from dashboard.door import identity
from dashboard.reading.reports import TemplateReport
from dashboard.showing import examples
from dashboard.showing.safe import plain
from delivery.publishing.material import Case
from models.records import Persona

_LONGEST = 30_000
"""Characters of JSON that can be changed in place."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What a preview is filled with.

    Attributes:
        case: What it was begun from.
        key: Its place in the session.
        data, recipient: As they are written now.
    """

    case: Case
    key: str
    data: Any
    recipient: Any

    @property
    def context(self) -> dict[str, Any] | None:
        """All that the template sees; `None` while something in it is no JSON, or nobody."""
        if isinstance(self.data, _Broken) or not isinstance(self.recipient, Mapping):
            return None
        return {**self.case.context, "data": self.data, "recipient": dict(self.recipient)}


def choose(report: TemplateReport, locale: str) -> Stand:
    """The control that picks what to begin from, and what was made of it since."""
    template = report.line.template
    known = _known(report, locale)
    chosen = st.selectbox(
        "Filled with",
        list(known),
        key=f"persona_{template}_{locale}",
        label_visibility="collapsed",
        help="Whom the preview is for, and what it tells",
        width=230,
    )
    case = known[chosen]
    key = f"{template}_{locale}_{chosen}"
    data, recipient = (_read(f"stand_{name}_{key}") for name in ("data", "recipient"))
    return Stand(
        case,
        key,
        case.context["data"] if data is None else data,
        case.context["recipient"] if recipient is None else recipient,
    )


def _known(report: TemplateReport, locale: str) -> dict[str, Case]:
    """What one can begin from: made up once, not at each key, until it would differ."""
    key = f"cases_{report.line.template}_{locale}"
    saved = personas.of_template(report.line.template)
    held: _Made | None = st.session_state.get(key)
    if held is None or held.report is not report or held.saved != saved:
        held = _Made(report, saved, examples.choices(report, locale, saved))
        st.session_state[key] = held
    return held.cases


def edit(report: TemplateReport, stand: Stand) -> None:
    """Draw both as JSON, and the way to keep them."""
    left, right = st.columns(2, gap="small")
    with left:
        _json(stand, "data", stand.data, [])
    with right:
        nobody = [] if isinstance(stand.recipient, (Mapping, _Broken)) else [_NOBODY]
        _json(stand, "recipient", stand.recipient, nobody)
    if identity.may(Permission.EDIT_TEMPLATES, report.line.team):
        _keep(report, stand)


@dataclass(frozen=True, slots=True)
class _Made:
    """Cases, and what they were made from."""

    report: TemplateReport
    saved: list[Persona]
    cases: dict[str, Case]


@dataclass(frozen=True, slots=True)
class _Broken:
    """JSON that cannot be read."""

    line: int
    message: str


_NOBODY = Mark(1, 'a recipient is an object: {"id": …}')


def _json(stand: Stand, name: str, now: Any, marks: list[Mark]) -> None:
    if isinstance(now, _Broken):
        marks = [Mark(now.line, now.message)]
    shown = json.dumps(stand.case.context[name], indent=2, ensure_ascii=False)
    st.caption(name.capitalize())
    if len(shown) > _LONGEST:
        st.caption(f"{len(shown) // 1000} KB of JSON: too much to change here.")
        return
    label = f"{name.capitalize()} as JSON"
    asked = Asked(shown, 0, label, language="json", height=200, marks=marks)
    editor.edit(asked, f"stand_{name}_{stand.key}", _turned)
    for mark in marks:
        st.markdown(f":red[:material/error: Line {mark.line}: {mark.message}]")


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


def _keep(report: TemplateReport, stand: Stand) -> None:
    template = report.line.template
    with st.popover("Personas", icon=":material/person_add:", width="content"):
        title = st.text_input("Title", max_chars=personas.LONGEST_TITLE, key=f"title_{stand.key}")
        everywhere = st.checkbox("For every template", key=f"everywhere_{stand.key}")
        st.caption("Made-up people only: personas are not erased with anybody.")
        if st.button("Save", type="primary", key="persona_save", disabled=stand.context is None):
            place = "" if everywhere else template
            persona = Persona(place, title.strip(), stand.recipient, stand.data)
            who = identity.current().person
            attempt(lambda: personas.save(who, persona), "The persona is saved")
        for one in personas.of_template(template):
            _taking_out(report, one)


def _taking_out(report: TemplateReport, one: Persona) -> None:
    """The way out for a persona; one of every template is taken out by who may write them all."""
    if not identity.may(Permission.EDIT_TEMPLATES, report.line.team if one.template else None):
        return
    name = f"Take {plain(one.title)} out"
    key = f"persona_out_{one.template}_{one.title}"
    if st.button(name, icon=":material/delete:", key=key, type="tertiary"):
        who = identity.current().person
        attempt(lambda: personas.forget(who, one.template, one.title), "The persona is gone")


def _turned() -> None:
    """What is typed is read where it is used."""
