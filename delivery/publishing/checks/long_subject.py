"""Subjects that inboxes cut off."""

from collections.abc import Iterator
from dataclasses import replace

from delivery.channels.in_app import LONGEST_TITLE
from delivery.publishing.findings import Remark, warning
from delivery.publishing.material import Words

_SHOWN = 78
"""Characters of a subject that go on one line of a header, and that wide inboxes show."""


def check(words: Words) -> Iterator[Remark]:
    """The longest subject of usual data, where it is too long."""
    most = _SHOWN if words.is_mail else LONGEST_TITLE
    longest = max(words.usual, key=lambda one: len(one[1].subject), default=None)
    if longest is not None and len(longest[1].subject) > most:
        case, content = longest
        said = f"The subject has {len(content.subject)} characters ({case.name}): at most {most}"
        yield replace(warning(f"{said} are shown.", "subject"), case=case.name)
