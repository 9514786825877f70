"""Placeholders that are none here: single braces, and those of other products."""

import re
from collections.abc import Iterator

from delivery.publishing.findings import Remark, error
from delivery.publishing.material import Words
from delivery.rendering.tokens import Kind, tokens

_FOREIGN = re.compile(
    r"\$?\{\s*(?:data|recipient|event|topic|links|items)\b[^{}\n]*\}?"
    r"|\*\|[A-Z_:]+\|\*|%%[\w ]{2,40}%%|%recipient[.\w]*%"
)


def check(words: Words) -> Iterator[Remark]:
    """Each that would be sent as it is written."""
    if words.problems:
        return
    for part, source in words.sources.items():
        for token in tokens(source):
            found = _FOREIGN.search(token.text) if token.kind is Kind.DATA else None
            if found:
                line = token.line + token.text.count("\n", 0, found.start())
                yield error(f"{found[0]} is no placeholder: write {{{{ … }}}}.", part, line)
