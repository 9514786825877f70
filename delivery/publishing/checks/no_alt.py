"""Images that say nothing to those who do not see them."""

import re
from collections.abc import Iterator

from delivery.publishing.findings import Remark, error, warning
from delivery.publishing.material import Words
from delivery.rendering.tokens import protect

_ATTRIBUTES = r"(?:\"[^\"]*\"|'[^']*'|[^>\"'])*+"
_IMAGE = re.compile(
    rf"(?is)<!--.*?-->|<(?:mj-image|mj-carousel-image|img)(?=[\s/>])({_ATTRIBUTES})>"
)
_ALT = re.compile(r"""(?is)\balt\s*=\s*(?:"\s*([^"]*)"|'\s*([^']*)')""")
_LINKED = re.compile(r"(?is)\bhref\s*=")


def check(words: Words) -> Iterator[Remark]:
    """Each image without `alt`; of one that is a link, an empty `alt` is none."""
    if words.problems or not words.is_mail:
        return
    source = protect(words.version.source).lined
    for found in _IMAGE.finditer(source):
        if found[1] is None:
            continue
        line = source.count("\n", 0, found.start()) + 1
        alt = _ALT.search(found[1])
        if _LINKED.search(found[1]) and not (alt and (alt[1] or alt[2])):
            said = "An image that is a link has no alt: say where it leads."
            yield error(said, line=line)
        elif alt is None:
            said = 'An image has no alt: say what it shows, or alt="" where it is decoration.'
            yield warning(said, line=line)
