"""Data that is written into the HTML as it is: whoever makes it could write the mail."""

from collections.abc import Iterator
from dataclasses import replace

from delivery.publishing.findings import Remark, warning
from delivery.publishing.material import Words
from delivery.publishing.personas import INJECTED


def check(words: Words) -> Iterator[Remark]:
    """The first case in which a tag of the data came out as one."""
    for case, content in words.told:
        if INJECTED in (content.html or ""):
            said = "Data is written as HTML: leave the filter safe out, unless nobody can type it."
            yield replace(warning(said, line=words.line("source", "safe")), case=case.name)
            return
