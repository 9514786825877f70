"""The texts of a filled page with the colours they are painted in. Pure.

Style sheets are applied by css-inline; what is left is to follow colours down the elements.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser

import css_inline

from delivery.publishing.colours import BLACK, LINK, WHITE, Colour, over, read

_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_UNSEEN = frozenset({"head", "script", "style", "title"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|max-height\s*:\s*0"
)
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*((?:[^;(]|\([^)]*\))+)")
_SIZE = re.compile(r"([\d.]+)(px|pt)")
_PX_OF_PT = 4 / 3
_DARK = re.compile(r"(?i)@media[^{]*prefers-color-scheme\s*:\s*dark[^{]*\{")
_STYLE = re.compile(r"(?is)<style[^>]*>(.*?)</style\s*>")
_LARGE, _LARGE_BOLD, _BOLD = 24.0, 18.66, 600
"""CSS pixels from which text is large (18 pt, or 14 pt bold), and the weight that is bold."""
_Attributes = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Ink:
    """How text is painted at one place.

    Attributes:
        back: What is behind it; `None` where that is a picture.
    """

    colour: Colour = BLACK
    back: Colour | None = WHITE
    size: float = 16.0
    weight: int = 400
    hidden: bool = False

    @property
    def is_large(self) -> bool:
        """Whether less contrast is enough."""
        return self.size >= (_LARGE_BOLD if self.weight >= _BOLD else _LARGE)


def texts(html: str, *, dark: bool = False) -> list[tuple[str, Ink]]:
    """What can be read on a page, each piece with how it is painted.

    Args:
        html: Filled.
        dark: As clients show it that prefer dark colours.
    """
    reader = _Reader()
    reader.feed(_inlined(_darkened(html) if dark else html))
    reader.close()
    return reader.found


def has_dark(html: str) -> bool:
    """Whether a page has styles of its own for clients that prefer dark colours."""
    return _DARK.search(html) is not None


def _inlined(html: str) -> str:
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    try:
        inlined: str = inliner.inline(html)
    except css_inline.InlineError:  # a style that nobody can read paints nothing
        return html
    return inlined


def _darkened(html: str) -> str:
    """The page with what it says for dark clients said for all, after everything else."""
    rules = "".join(rule for style in _STYLE.findall(html) for rule in _dark_rules(style))
    return re.sub(r"(?i)</head\s*>", lambda end: f"<style>{rules}</style>{end[0]}", html, count=1)


def _dark_rules(style: str) -> Iterator[str]:
    for found in _DARK.finditer(style):
        depth, end = 1, found.end()
        while depth and end < len(style):
            depth += {"{": 1, "}": -1}.get(style[end], 0)
            end += 1
        yield style[found.end() : end - 1]


class _Reader(HTMLParser):
    """Follows what each element says down to its texts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, Ink]] = []
        self._open: list[tuple[str, Ink]] = []

    @property
    def _ink(self) -> Ink:
        return self._open[-1][1] if self._open else Ink()

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        if tag not in _VOID:
            given = {name: value or "" for name, value in attrs}
            self._open.append((tag, _inked(self._ink, tag, given)))

    def handle_startendtag(self, tag: str, attrs: _Attributes) -> None:
        """Nothing is in it."""

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._ink.hidden and self._ink.size >= 1:
            self.found.append((" ".join(data.split()), self._ink))


def _inked(ink: Ink, tag: str, given: dict[str, str]) -> Ink:
    style = dict(_DECLARATION.findall(given.get("style", "").lower()))
    if tag in _UNSEEN or _HIDDEN.search(given.get("style", "").lower()):
        return replace(ink, hidden=True)
    if tag == "a" and "href" in given:
        ink = replace(ink, colour=LINK)
    if tag in {"b", "strong", "h1", "h2", "h3", "th"}:
        ink = replace(ink, weight=700)
    ink = replace(ink, back=_behind(ink.back, style, given))
    return _lettered(ink, style, given)


def _behind(back: Colour | None, style: dict[str, str], given: dict[str, str]) -> Colour | None:
    """What is behind an element: the last that is said of it, but for what is important."""
    if any("url(" in each or "gradient(" in each for each in style.values()):
        return None
    said = [style[name] for name in style if name in {"background", "background-color"}]
    said.sort(key=lambda each: "!important" in each)
    colours = [read(each) for each in (given.get("bgcolor", ""), *said)]
    colour = next((each for each in reversed(colours) if each is not None), None)
    if colour is None or not colour.alpha:
        return back
    return over(colour, back or WHITE)


def _lettered(ink: Ink, style: dict[str, str], given: dict[str, str]) -> Ink:
    colour = read(style.get("color") or given.get("color", ""))
    size = _SIZE.search(style.get("font-size", ""))
    weight = style.get("font-weight", "").strip()
    if size:
        ink = replace(ink, size=float(size[1]) * (_PX_OF_PT if size[2] == "pt" else 1))
    if weight.isdecimal() or weight in {"bold", "normal"}:
        ink = replace(ink, weight={"bold": 700, "normal": 400}.get(weight) or int(weight))
    return replace(ink, colour=colour or ink.colour)
