"""Derives the plain text part of a mail from its compiled HTML, once per version."""

import re
from html import escape
from html.parser import HTMLParser

from inscriptis import get_text

from delivery.rendering.tokens import Kind, Protected, protect

_KEPT = frozenset(
    {"blockquote", "br", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
)
_BLOCKS = frozenset({"center", "div", "section", "table", "tr"})
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"head", "script", "style", "title"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all")
_BLANK_LINES = re.compile(r"\n{3,}")
_GAP = "\ue000"
"""Between the cells of a row: no kind of space, of which only one would be kept."""

_Attributes = list[tuple[str, str | None]]


def derive(html: str) -> str:
    """The text of a page, Jinja and links included; it is a Jinja template again.

    Layout tables become lines, cells of real tables stay on one line; links are written
    `text (address)`.

    Args:
        html: What `compile_mjml` made.
    """
    protected = protect(html)
    simple = _Simple()
    simple.feed(_with_entities(protected))
    simple.close()
    text = get_text("".join(simple.pieces))
    text = text.replace("\N{NO-BREAK SPACE}", " ").replace(_GAP, "  ")
    lines = "\n".join(line.strip() for line in text.splitlines())
    lines = _BLANK_LINES.sub("\n\n", _joined_statements(lines, protected))
    return protected.restored(lines).strip() + "\n"


def _with_entities(protected: Protected) -> str:
    def revealed(found: re.Match[str]) -> str:
        text = protected.token(found).text
        return text if text in {"&", "<"} else found[0]

    return protected.pattern.sub(revealed, protected.text)


def _joined_statements(text: str, protected: Protected) -> str:
    """Lines with nothing but statements join the next, so that they leave no blank line."""
    lines = []
    for line in text.split("\n"):
        kinds = {token.kind for token in protected.inside(line)}
        alone = kinds == {Kind.STATEMENT} and not protected.pattern.sub("", line).strip()
        lines.append(line if alone else f"{line}\n")
    return "".join(lines)


class _Simple(HTMLParser):
    """Rewrites a page with layout tables into the few elements that say something as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden: list[str] = []
        self._tables: list[bool] = []
        self._links: list[tuple[str, int]] = []

    @property
    def _in_layout(self) -> bool:
        return not self._tables or self._tables[-1]

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        given = {name: value or "" for name, value in attrs}
        hides = tag in _UNSEEN or _HIDDEN.search(given.get("style", ""))
        if self._hidden or hides:
            if tag not in _VOID:
                self._hidden.append(tag)
            return
        if tag == "table":
            self._tables.append(given.get("role") == "presentation")
        if tag == "a":
            self._links.append((given.get("href", ""), len(self.pieces)))
        self.pieces.append(self._opened(tag, given))

    def handle_startendtag(self, tag: str, attrs: _Attributes) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def _opened(self, tag: str, given: dict[str, str]) -> str:
        if tag == "img":
            return escape(given.get("alt", ""))
        if tag in _KEPT:
            return f"<{tag}>"
        return "<div>" if tag in _BLOCKS or (tag in _CELLS and self._in_layout) else ""

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            # What was left open inside is closed with it.
            if tag in self._hidden:
                while self._hidden.pop() != tag:
                    pass
            return
        self.pieces.append(self._closed(tag))
        if tag == "table" and self._tables:
            self._tables.pop()

    def _closed(self, tag: str) -> str:
        if tag == "a" and self._links:
            return self._address(*self._links.pop())
        if tag in _KEPT and tag not in _VOID:
            return f"</{tag}>"
        if tag in _CELLS and not self._in_layout:
            return _GAP
        return "</div>" if tag in _BLOCKS or tag in _CELLS else ""

    def _address(self, href: str, begin: int) -> str:
        said = re.sub(r"<[^>]*>", "", "".join(self.pieces[begin:])).strip()
        href = escape(href.strip())
        if not href or href.startswith("#") or said in {href, href.removeprefix("mailto:")}:
            return ""
        return f" ({href})" if said else href

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(escape(data, quote=False))
