"""Signed tokens for opens and counted links: of which delivery, which link, and to where. Pure.

    delivery id | link number | address
        16            2         UTF-8, nothing of an open

This is the payload of `delivery.links.seal`. The address is in the token and under its MAC: where
a click leads is exactly what was signed, so nobody can make an open redirect of it. A delivery has
one recipient, so its id says who.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from delivery.links import Kind, LinkKeys, seal, unseal

LONGEST = 2000
"""Octets of an address that is counted; a longer one stays as it is."""
MOST_LINKS = 0xFFFF
_ID = 16
_NUMBERED = _ID + 2
_COUNTED = re.compile(r"(?i:https?)://[^\s\x00-\x20\x7f\\]+")


@dataclass(frozen=True, slots=True)
class Way:
    """What a token says.

    Attributes:
        link: Number of the link in its template version, from 1; 0 is the open.
        url: Where the link leads.
    """

    delivery_id: UUID
    link: int = 0
    url: str = ""


def is_counted(url: str) -> bool:
    """Whether an address may stand behind a counted link: http or https, of sane length."""
    return len(url) <= LONGEST and _COUNTED.fullmatch(url) is not None


def sign(way: Way, keys: LinkKeys) -> str:
    """The token that says this; the same, the same token."""
    said = way.delivery_id.bytes + way.link.to_bytes(2) + way.url.encode()
    return seal((Kind.CLICK if way.link else Kind.OPEN).value, said, keys)


def read_click(token: str, keys: LinkKeys) -> Way | None:
    """What the token of a link says; `None` when it is none of ours or leads nowhere fit."""
    way = _read(Kind.CLICK, token, keys)
    return way if way is not None and way.link and is_counted(way.url) else None


def read_open(token: str, keys: LinkKeys) -> Way | None:
    """What the token of an open says; `None` when it is none of ours."""
    way = _read(Kind.OPEN, token, keys)
    return way if way is not None and way == Way(way.delivery_id) else None


def _read(kind: Kind, token: str, keys: LinkKeys) -> Way | None:
    said = unseal(kind.value, token, keys)
    if said is None or len(said) < _NUMBERED:
        return None
    try:
        url = said[_NUMBERED:].decode()
    except UnicodeDecodeError:
        return None
    return Way(UUID(bytes=said[:_ID]), int.from_bytes(said[_ID:_NUMBERED]), url)
