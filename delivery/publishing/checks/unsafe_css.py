"""Styles that Outlook for Windows ignores or breaks a layout by."""

import re
from collections.abc import Iterator

from delivery.publishing.findings import Remark, warning
from delivery.publishing.material import Words
from delivery.rendering.tokens import protect

_STYLED = re.compile(
    r"(?is)<mj-style\b[^>]*>(.*?)</mj-style\s*>|(?<=\s)style\s*=\s*(?:\"([^\"]*)\"|'([^']*)')"
)
_MEDIA = re.compile(r"(?s)@(?:media|supports)[^{]*\{(?:[^{}]|\{[^{}]*\})*\}|/\*.*?\*/")
_UNSAFE = re.compile(
    r"(?i)(?:^|[;{\s])(display\s*:\s*(?:inline-)?(?:flex|grid)|position\s*:\s*(?:absolute|fixed"
    r"|sticky)|float\s*:\s*(?:left|right)|[\w-]+\s*:\s*[^;{}]*\b(?:calc|var)\(|transform\s*:"
    r"|object-fit\s*:)"
)


def check(words: Words) -> Iterator[Remark]:
    """Each such declaration outside of media queries, which Outlook does not read."""
    if words.problems or not words.is_mail:
        return
    source = protect(words.version.source).lined
    for found in _STYLED.finditer(source):
        group = next(number for number in (1, 2, 3) if found[number] is not None)
        css = _MEDIA.sub(lambda rule: " " * len(rule[0]), found[group])
        for unsafe in _UNSAFE.finditer(css):
            at = found.start(group) + unsafe.start(1)
            said = f"Outlook does not understand {unsafe[1].strip()}: see it without."
            yield warning(said, line=source.count("\n", 0, at) + 1)
