"""Subjects in capitals or with rows of exclamation marks, which filters take for spam."""

import re
from collections.abc import Iterator

from delivery.publishing.findings import Remark, warning
from delivery.publishing.material import Words
from delivery.rendering.tokens import Kind, tokens

_MOST = 8
"""Capital letters that may be an abbreviation or a name."""


def check(words: Words) -> Iterator[Remark]:
    """What the subject says besides its Jinja."""
    source = words.sources.get("subject", "")
    if words.problems or not source:
        return
    said = " ".join(token.text for token in tokens(source) if token.kind is Kind.DATA)
    letters = [sign for sign in said if sign.isalpha()]
    if len(letters) > _MOST and all(letter.isupper() for letter in letters):
        yield warning("The subject shouts: write it in lower case.", "subject")
    if re.search(r"[!?]{2,}", said):
        yield warning("The subject ends in a row of marks: one is enough.", "subject")
