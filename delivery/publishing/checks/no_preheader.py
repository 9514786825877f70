"""Mails without a preheader: inboxes show the beginning of the text instead."""

from collections.abc import Iterator

from delivery.publishing.findings import Remark, warning
from delivery.publishing.material import Words


def check(words: Words) -> Iterator[Remark]:
    """Whether there is neither a preheader nor the source's own `mj-preview`."""
    own = "<mj-preview" in words.version.source.lower()
    if words.is_mail and not own and "preheader" not in words.sources:
        yield warning(
            "There is no preheader: inboxes show the first words of the text after the subject.",
            "preheader",
        )
