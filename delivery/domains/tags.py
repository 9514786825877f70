"""Lists of `tag=value`, as DKIM (RFC 6376, section 3.2) and DMARC (RFC 9989) write them."""

import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def read_tags(text: str) -> dict[str, str]:
    """The tags by name, in order; spaces around them say nothing.

    Raises:
        ValueError: A part is no `tag=value`, or a tag comes twice.
    """
    found: dict[str, str] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or not _NAME.fullmatch(name):
            raise ValueError(f"{part.strip()[:40]!r} is no tag=value")
        if name in found:
            raise ValueError(f"the tag {name} comes twice")
        found[name] = value.strip()
    return found
