"""Mails without a subject, items without a title: some people would get an empty one."""

from collections.abc import Iterator
from dataclasses import replace

from delivery.publishing.findings import Remark, error
from delivery.publishing.material import Words


def check(words: Words) -> Iterator[Remark]:
    """The first case that has none."""
    for case, content in words.told:
        if not content.subject.strip():
            said = f"The subject is empty ({case.name}): write one that always says something."
            yield replace(error(said, "subject"), case=case.name)
            return
