"""The links of a compiled mail: found and numbered once per version, marked for counting.

A marked template is the same with NULs (written ␀ here) in it: `href="␀3␀address␀"`, and `␀0␀␀`
where an open is noticed. Filled, it is cut at its NULs: the pieces joined without the numbers
are, octet for octet, what the unmarked template gives. No data can forge a mark: Postgres stores
no NUL, neither in text nor in JSON.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

from delivery.rendering.tokens import Protected, protect

MARK = "\0"
OPEN = 0
"""The number of the place where an open is noticed."""
_MOST = 0xFFFF
_PIECES = 3
"""Pieces a mark makes of a page: what was before it, a number, an address."""

_ATTRIBUTES = r"(?:\"[^\"]*\"|'[^']*'|[^>\"'])*+"
_ANCHOR = re.compile(
    rf"(?is)<!--.*?-->|<(style|script)\b.*?</\1\s*>|<a(?=\s)({_ATTRIBUTES})>(.*?)</a\s*>"
)
_HREF = re.compile(r"""(?i)(?<=[\s"'])href\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_OFF = re.compile(r"""(?i)(?<=[\s"'])tidings-track\s*=\s*["']?\s*off\b""")
_OWN = re.compile(r"(?<![\w.])links\s*(?:\.|\[)")
"""Jinja that asks for one of our own links: to unsubscribe, to the preferences."""
_COUNTABLE = re.compile(r"(?i)https?:|\{[{%]")
"""How an address begins that is or may become one of http or https."""
_TAG = re.compile(r"(?s)<!--.*?-->|<[^>]*>")
_ALT = re.compile(r"""(?i)\balt\s*=\s*["']([^"']*)""")
_BODY_END = re.compile(r"(?i)</body\s*>")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One link of a template version.

    Attributes:
        number: From 1, in the order they stand in; what clicks are counted under.
        href: Where it leads: an address with Jinja in it.
        text: What it says, Jinja included; of an image its alternative text.
    """

    number: int
    href: str
    text: str


@dataclass(frozen=True, slots=True)
class _Place:
    """An anchor and where its address stands in the protected text."""

    anchor: Anchor
    start: int
    end: int


def anchors(compiled: str) -> list[Anchor]:
    """The link map of a version: its links that can be counted.

    Links to us (`links.…`), to anything but http and https, and those with
    `tidings-track="off"` are none of them. Conditional comments are Outlook's alone: no links.

    Args:
        compiled: What `compile_mjml` made.
    """
    return [place.anchor for place in _places(protect(compiled))]


def marked(compiled: str) -> str:
    """The same template with its links, and the end of its body, marked."""
    protected = protect(compiled)
    text, position, pieces = protected.text, 0, []
    for place in _places(protected):
        mark = f"{MARK}{place.anchor.number}{MARK}"
        pieces += [text[position : place.start], mark, text[place.start : place.end], MARK]
        position = place.end
    ends = list(_BODY_END.finditer(text, position))
    end = ends[-1].start() if ends else len(text)
    pieces += [text[position:end], f"{MARK}{OPEN}{MARK}{MARK}", text[end:]]
    return _revealed("".join(pieces), protected)


def unmarked(html: str) -> str:
    """A filled page without its marks."""
    return replaced(html, lambda _, href: href)


def replaced(html: str, instead: Callable[[int, str], str]) -> str:
    """A filled page with something else for each mark.

    Args:
        html: Filled, its marks still in it.
        instead: What stands instead, given the number and the address as it is written in HTML.
    """
    pieces = html.split(MARK)
    if len(pieces) % _PIECES != 1 or not all(map(str.isdecimal, pieces[1::_PIECES])):
        # Its author wrote NULs of their own: nothing can be counted, and no mail carries them.
        return re.sub(rf"{MARK}\d+{MARK}|{MARK}", "", html)
    for at in range(1, len(pieces), _PIECES):
        pieces[at + 1] = instead(int(pieces[at]), pieces[at + 1])
        pieces[at] = ""
    return "".join(pieces)


def _places(protected: Protected) -> Iterator[_Place]:
    number = 0
    for found in _ANCHOR.finditer(protected.text):
        href = _HREF.search(found[2]) if found[2] is not None else None
        if href is None or number == _MOST or _OFF.search(found[2]):
            continue
        group = 1 if href[1] is not None else 2
        address = unescape(_revealed(href[group], protected))
        if _OWN.search(address) or not _COUNTABLE.match(address.strip()):
            continue
        number += 1
        start = found.start(2)
        anchor = Anchor(number, address.strip(), _said(found[3], protected))
        yield _Place(anchor, start + href.start(group), start + href.end(group))


def _said(inside: str, protected: Protected) -> str:
    """What stands between the tags, in one line."""
    text = _TAG.sub(" ", inside)
    if not text.strip():
        text = " ".join(_ALT.findall(inside))
    return " ".join(unescape(_revealed(text, protected)).split())


def _revealed(text: str, protected: Protected) -> str:
    return protected.pattern.sub(lambda found: protected.token(found).text, text)
