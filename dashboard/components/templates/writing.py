"""The words of a template, part by part, with what is wrong beside its line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.components.templates import editor, leading
from dashboard.components.templates.editor import Asked, Mark
from dashboard.reading.reports import TemplateReport
from dashboard.showing.completing import vocabulary
from dashboard.showing.parts import Part, Placed, parts_of
from dashboard.showing.safe import plain
from dashboard.showing.sheet import Sheet

_MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Pen:
    """How one writes: whether one may, and what happens then.

    Attributes:
        wrote: Called with the part's name and its text.
        saved: Called on Mod+S.
    """

    wrote: Callable[[str, str], None]
    saved: Callable[[], None]
    allowed: bool = True


def show(report: TemplateReport, sheet: Sheet, problems: Sequence[Placed], pen: Pen) -> None:
    """Draw the parts, the one that is open, and the problems of all."""
    parts = parts_of(sheet.base.channel, piece=report.line.is_piece)
    part = _open_part(report.line.template, parts, problems)
    _editor(report, sheet, part, [each for each in problems if each.part == part], pen)
    _list(report.line.template, problems)


def _open_part(template: str, parts: Sequence[Part], problems: Sequence[Placed]) -> Part:
    by_title = {part.title: part for part in parts}
    wrong = {each.part.title for each in problems}
    key = f"part_{template}"
    if len(parts) == 1:
        return parts[0]
    title = st.segmented_control(
        "Part",
        list(by_title),
        default=parts[0].title,
        required=True,
        key=key,
        format_func=lambda title: f"{title} ●" if title in wrong else title,
        label_visibility="collapsed",
    )
    return by_title[title or parts[0].title]


def _editor(
    report: TemplateReport, sheet: Sheet, part: Part, problems: Sequence[Placed], pen: Pen
) -> None:
    key = f"words_{part.name}_{report.line.template}_{sheet.base.locale}"

    def wrote() -> None:
        text = editor.typed(key, sheet.put)
        if text is not None and text != sheet.parts[part.name]:
            pen.wrote(part.name, text)

    asked = Asked(
        sheet.parts[part.name],
        sheet.put,
        f"{part.title} of {report.line.title}",
        language=part.language,
        writable=pen.allowed,
        one_line=part.one_line,
        height=56 if part.one_line else 620,
        words=vocabulary(report.topics, mjml=part.language == "mjml"),
        marks=[Mark(each.line, each.message) for each in problems],
        jump=leading.jump(report.line.template),
    )
    editor.edit(asked, key, wrote, pen.saved)


def _list(template: str, problems: Sequence[Placed]) -> None:
    """What is wrong, each a way to its line."""
    if not problems:
        return
    with st.container(key="problems", gap="xxsmall"):
        for place, each in enumerate(problems[:_MOST_SHOWN]):
            where = "" if each.part.name == "source" else f"{each.part.title}, "
            st.button(
                f"{where}line {each.line}: {plain(each.message)}".capitalize(),
                icon=":material/error:",
                key=f"problem_{place}",
                type="tertiary",
                on_click=leading.lead,
                args=(template, each.part.title, each.line),
            )
        if len(problems) > _MOST_SHOWN:
            st.caption(f"and {len(problems) - _MOST_SHOWN} more")
