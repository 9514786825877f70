"""Breaks the lines of compiled HTML where a line break means nothing."""

import re
from collections.abc import Iterator

WIDTH = 400
"""Lines are kept below this while folding; filling has the rest up to 998 for data."""

# Where white space counts, and where it does not: tags (with quoted values), comments.
_KEPT = r"<(?P<element>pre|textarea|style|script)\b.*?</(?P=element)\s*>"
_TAG = r"<[a-zA-Z/!](?:\"[^\"]*\"|'[^']*'|[^>\"'])*+>"
_PIECE = re.compile(rf"(?is:(?P<kept>{_KEPT})|(?P<comment><!--.*?-->)|(?P<tag>{_TAG}))")
_INDENTED = re.compile(r"[ \t]*\n\s*")
_STYLE_RULE = re.compile(r"(?<=[;}])[ \t]*(?=[^\s;}])")


def folded(html: str) -> str:
    """The same page with no indentation and no line far over `WIDTH`, where that is possible."""
    lines = []
    column = 0
    for piece in _pieces(html):
        text = piece
        if column + len(text) > WIDTH and column:
            text = _broken(text)
        lines.append(text)
        after = text.rfind("\n")
        column = len(text) - after - 1 if after >= 0 else column + len(text)
    return "".join(lines).strip()


def _pieces(html: str) -> Iterator[str]:
    position = 0
    for found in _PIECE.finditer(html):
        yield from _words(html[position : found.start()])
        yield _piece(found)
        position = found.end()
    yield from _words(html[position:])


def _piece(found: re.Match[str]) -> str:
    text = found[0]
    if not found["kept"]:
        return _INDENTED.sub("\n", text)
    if text[:6].lower() == "<style":
        text = _INDENTED.sub("\n", text)
        return _STYLE_RULE.sub("\n", text) if _too_wide(text) else text
    return text


def _too_wide(text: str) -> bool:
    return max(map(len, text.split("\n"))) > WIDTH


def _words(text: str) -> Iterator[str]:
    """Text between tags, cut before its spaces when it is long."""
    text = _INDENTED.sub("\n", text)
    if len(text) <= WIDTH:
        yield text
        return
    yield from re.split(r"(?= )", text)


def _broken(piece: str) -> str:
    """The piece with its first harmless space turned into a line break."""
    if piece.startswith(" "):
        return "\n" + piece[1:]
    if piece.startswith("<") and not piece.startswith(("<!", "</")):
        return re.sub(r"^(<[^\s/>]+) ", r"\1\n", piece)
    return piece
