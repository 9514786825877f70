"""A partial or layout by itself: the smallest template in which it can be looked at. Pure."""

import re

from delivery.rendering.elements import CHILDREN
from models.records import TemplateKind, TemplateVersion

_ELEMENT = re.compile(r"<(mj[a-z-]*)")
_MACRO = re.compile(r"\{%[-+]?\s*macro\b")
_ROAD = ("mjml", "mj-body", "mj-section", "mj-column")
"""What a piece lies in, from outside in, until its first element may stand there."""


def alone(piece: TemplateVersion, kind: TemplateKind) -> TemplateVersion | None:
    """A template that says nothing but a piece, which has to be in its store.

    Returns:
        `None` for a piece of definitions alone: it says nothing before somebody uses them.
    """
    if kind == TemplateKind.LAYOUT:
        return _said(piece, f'{{% extends "{piece.template}" %}}')
    first = _ELEMENT.search(piece.source)
    if piece.channel != "email" or (first and first[1] == "mjml"):
        return None if _MACRO.search(piece.source) else _said(piece, _included(piece))
    if first is None and _MACRO.search(piece.source):
        return None
    before, after = _frame(first[1] if first else "mj-text")
    inner = _included(piece) if first else f"<mj-text>{_included(piece)}</mj-text>"
    return _said(piece, f"{before}{inner}{after}")


def _said(piece: TemplateVersion, source: str) -> TemplateVersion:
    return TemplateVersion(
        f"{piece.template} alone", 0, piece.channel, piece.template, source,
        locale=piece.locale, partials=piece.partials,
    )  # fmt: skip


def _included(piece: TemplateVersion) -> str:
    return f'{{% include "{piece.template}" %}}'


def _frame(element: str) -> tuple[str, str]:
    """What stands before and after an element in the smallest mail that may hold it."""
    if element in CHILDREN["mj-head"] - CHILDREN["mj-column"]:
        return "<mjml><mj-head>", "</mj-head><mj-body></mj-body></mjml>"
    deep = next((n for n, each in enumerate(_ROAD, start=1) if element in CHILDREN[each]), None)
    road = _ROAD[:deep]
    closed = (f"</{each}>" for each in reversed(road))
    return "".join(f"<{each}>" for each in road), "".join(closed)
