"""What a delivery said, filled again from what was kept, and whether the hash agrees."""

import json
from dataclasses import dataclass, replace
from typing import Any

from dashboard.reading.filling import Filler
from dashboard.reading.reports import Report
from delivery.contexts import lacks_news, unpacked
from delivery.errors import RenderingError
from delivery.links import hidden
from delivery.messages import Content
from models.records import TemplateVersion


@dataclass(frozen=True, slots=True)
class AsSent:
    """Content that can be shown.

    Attributes:
        agrees: Whether it is what was sent, by its hash; `None` when no hash was kept.
        context: What it was filled with; `None` where nothing was filled again.
    """

    content: Content
    agrees: bool | None
    context: Any = None
    preheader: str = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Content that cannot be shown: why."""

    why: str


def as_sent(report: Report, filler: Filler) -> AsSent | Hidden:
    """What the recipient got, or why it cannot be shown."""
    if (why := _withheld(report)) is not None:
        return Hidden(why)
    kept = report.delivery.content_hash
    if report.item is not None:
        content = Content(report.item.title, report.item.body, None, report.item.url)
        return AsSent(content, _agrees(content, kept))
    if report.version is None or kept is None:
        return Hidden("Nothing was sent.")
    context = _context(report)
    if isinstance(context, Hidden):
        return context
    return _again(report.version, context, kept, filler)


def _withheld(report: Report) -> str | None:
    if report.sealed:
        return "Your roles let you see what became of it, not what it said."
    if report.sensitive:
        return "This topic is sensitive: its content is not shown and not kept."
    return None


def _context(report: Report) -> dict[str, Any] | Hidden:
    """What it was filled with, the news of which may stand elsewhere."""
    if report.delivery.context is None:
        return Hidden("What it was filled with was over 4 KB, and was not kept.")
    context = unpacked(bytes(report.delivery.context))
    if not lacks_news(context):
        return context
    if report.news is None:
        return Hidden("What it told of was over 4 KB, and its rows are no longer kept.")
    return {**report.news, **context}


def _again(
    version: TemplateVersion, context: dict[str, Any], kept: bytes, filler: Filler
) -> AsSent | Hidden:
    try:
        filled = filler.fill(version, context)
    except RenderingError as error:
        return Hidden(f"It cannot be filled again: {error}.")
    shown = json.loads(hidden(json.dumps(context, ensure_ascii=False)))
    return AsSent(_shown(filled.content), _agrees(filled.content, kept), shown, filled.preheader)


def _shown(content: Content) -> Content:
    """The content without the links by which others could act for its recipient."""
    html = None if content.html is None else hidden(content.html)
    return replace(content, html=html, text=hidden(content.text))


def _agrees(content: Content, kept: bytes | None) -> bool | None:
    return None if kept is None else content.digest() == bytes(kept)
