"""Two wordings of a template side by side: as words, and as people see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard import settings
from dashboard.components.deliveries.said import filler
from dashboard.components.templates import comparison, looks, preview
from dashboard.components.templates.comparison import Pair
from dashboard.components.templates.preview import Head, Look
from dashboard.showing.parts import parts_of
from dashboard.showing.piece import shown
from dashboard.showing.safe import plain
from delivery.errors import RenderingError
from models.records import TemplateKind, TemplateVersion, Words


@dataclass(frozen=True, slots=True)
class Sides:
    """What is laid side by side, in one language.

    Attributes:
        before: `None` where nothing is said in it; so is `after`.
        names: What the two are called.
        key: Tells its controls from those of others.
        kind: A partial or layout is seen alone.
    """

    channel: str
    before: TemplateVersion | None
    after: TemplateVersion | None
    names: tuple[str, str]
    key: str
    kind: TemplateKind = TemplateKind.TEMPLATE


def words(sides: Sides) -> None:
    """Draw the parts that differ, a part at a time."""
    nothing = Words("", "")
    before, after = (text.words if text else nothing for text in (sides.before, sides.after))
    differing = {
        part.title: part
        for part in parts_of(sides.channel)
        if getattr(before, part.name) != getattr(after, part.name)
    }
    if not differing:
        st.caption("They say the same.")
        return
    part = differing[preview.segmented("Part", list(differing), f"{sides.key}_part")]
    was, would = (getattr(said, part.name) or "" for said in (before, after))
    revision = hash((was, would, *sides.names)) & 0xFFFFFF
    comparison.show(Pair(was, would, sides.names, part.language, revision), f"{sides.key}_words")


def rendered(sides: Sides, context: Mapping[str, Any]) -> None:
    """Draw both as people see them, filled with the same data."""
    look = Look()
    if sides.channel == "email":
        device = preview.segmented("Device", list(preview.WIDTHS), f"{sides.key}_device")
        look = preview.look(sides.key, device)
    columns = st.columns(2, gap="small")
    texts = sides.before, sides.after
    for place, (column, text, name) in enumerate(zip(columns, texts, sides.names, strict=True)):
        with column:
            st.caption(plain(name))
            _side(text and shown(text, sides.kind), context, look, f"{sides.key}_{place}")


def _side(text: TemplateVersion | None, context: Mapping[str, Any], look: Look, key: str) -> None:
    if text is None:
        st.caption("It says nothing in this language, or nothing by itself.")
        return
    try:
        filled = filler().fill(text, context)
    except RenderingError as error:
        st.error(plain(str(error)))
        return
    if filled.content.html is None:
        looks.show(filled, context, text.channel, key)
        return
    head = Head(filled.content.subject, settings.delivery().mail_from, filled.preheader)
    preview.show(filled.content.html, head, look, key)
