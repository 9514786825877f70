"""HTML where only text is shown: subjects, preheaders, text parts, items of the feed."""

import re
from collections.abc import Iterator

from delivery.publishing.findings import Remark, error
from delivery.publishing.material import Words
from delivery.rendering.tokens import Kind, tokens

_TAGS = (
    "a", "b", "br", "center", "div", "em", "font", "h[1-6]", "hr", "i", "img", "li", "ol", "p",
    "small", "span", "strong", "table", "td", "tr", "u", "ul",
)  # fmt: skip
_MARKUP = re.compile(rf"(?i)</?(?:{'|'.join(_TAGS)})(?:\s[^<>]*)?/?>|&(?:[a-z]{{2,8}}|#\d+);")


def check(words: Words) -> Iterator[Remark]:
    """Each tag or entity that people would read as it is written."""
    if words.problems:
        return
    for part, source in words.sources.items():
        if part == "url" or (part == "source" and words.is_mail):
            continue
        for token in tokens(source):
            found = _MARKUP.search(token.text) if token.kind is Kind.DATA else None
            if found:
                line = token.line + token.text.count("\n", 0, found.start())
                yield error(
                    f"{found[0]} would be shown as it is written: leave it out.", part, line
                )
