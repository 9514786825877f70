"""Text that is hard to read on what is behind it, in light colours and in dark ones."""

from collections.abc import Iterator
from dataclasses import replace

from delivery.publishing.colours import READABLE, READABLE_LARGE, contrast, over, written
from delivery.publishing.findings import Remark, error, warning
from delivery.publishing.material import Words
from delivery.publishing.painted import Ink, has_dark, texts

_UNREADABLE = 2.0
"""Contrast below which hardly anybody reads it."""
_LOOKED_AT = 2
"""Cases of each language that are looked at: what differs are words, not colours."""
_SHOWN = 30


def check(words: Words) -> Iterator[Remark]:
    """Each pair of colours that is too near, once."""
    pairs: set[tuple[str, str, bool]] = set()
    for case, content in (words.usual or words.told)[:_LOOKED_AT]:
        html = content.html or ""
        for dark in (False, True) if has_dark(html) else (False,):
            for text, ink in texts(html, dark=dark):
                remark = _remark(text, ink, dark=dark)
                pair = (written(ink.colour), written(ink.back or ink.colour), dark)
                if remark and pair not in pairs:
                    pairs.add(pair)
                    yield replace(remark, case=case.name, line=words.line("source", text[:_SHOWN]))


def _remark(text: str, ink: Ink, *, dark: bool) -> Remark | None:
    if ink.back is None:
        return None
    seen = over(ink.colour, ink.back)
    ratio, needed = contrast(seen, ink.back), READABLE_LARGE if ink.is_large else READABLE
    if ratio >= needed:
        return None
    where = " in dark colours" if dark else ""
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    said = (
        f"“{shown}” has a contrast of {ratio:.1f}{where},"
        f" {written(seen)} on {written(ink.back)}: it needs {needed:g}."
    )
    return error(said) if ratio < _UNREADABLE else warning(said)
