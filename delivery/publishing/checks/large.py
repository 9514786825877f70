"""HTML so large that Gmail shows only its beginning."""

from collections.abc import Iterator
from dataclasses import replace

from delivery.publishing.findings import Remark, error, warning
from delivery.publishing.material import Kind, Words

CLIPPED_OVER = 102
"""KB of HTML above which Gmail shows only a beginning."""
TOLD_FROM = 90
"""KB of HTML from which authors are told."""


def check(words: Words) -> Iterator[Remark]:
    """The largest of usual data, and the largest at the edge where that is clipped."""
    usual = (case for case in words.told if case[0].kind is not Kind.EDGE)
    edges = (case for case in words.told if case[0].kind is Kind.EDGE)
    for cases, clipped, from_ in ((usual, error, TOLD_FROM), (edges, warning, CLIPPED_OVER)):
        sized = [(len(content.html_octets) / 1024, case.name) for case, content in cases]
        size, name = max(sized, default=(0.0, ""))
        if size >= from_:
            say = clipped if size > CLIPPED_OVER else warning
            said = f"Its HTML has {size:.0f} KB ({name}): Gmail clips it over {CLIPPED_OVER} KB."
            yield replace(say(said), case=name)
