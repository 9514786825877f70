"""Signed tokens for the links in messages: who, about what, over which channel. Pure.

    version | kind | key id | MAC | recipient | category | channel | delivery id or nothing
       1       1       2      16     text         text       text      16 or 0 octets

A permit, which opens all of somebody's preferences, ends; its kind is `p`:

    version | kind | key id | MAC | recipient | end, in seconds since 1970
       1       1       2      16     text        8 octets

A text is its length (one octet) and its UTF-8. The MAC is HMAC-SHA256 over everything else,
cut to 128 bits (RFC 2104, section 5), written as base64url without padding. A token carries
recipient and category, never only a delivery id: it outlives the delivery. What opens and clicks
carry instead is told in `delivery.engagement.ways`.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from delivery.errors import ComposingError
from models.ids import place_of

_VERSION = b"\x01"
_MAC = 16
"""Octets of the MAC that are kept."""
_KEY_ID = 2
_HEAD = 2 + _KEY_ID
"""Octets before the MAC: version, kind, key id."""
_LONGEST = 255
"""Octets of UTF-8 that one text may have."""
_PERMIT = b"p"
"""The kind of permits."""
_VIEW = b"v"
"""The kind of what shows one mail in a browser; it says a delivery id and nothing else."""
_END = 8
"""Octets of the end of a permit."""
_OURS = re.compile(r"(/[puv]/)[A-Za-z0-9_-]{30,}")
"""A link with a token; none is shorter."""


class Kind(Enum):
    """What a token is good for; one kind is never taken for another."""

    UNSUBSCRIBE = b"u"
    OPEN = b"o"
    CLICK = b"c"


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says.

    Attributes:
        category: Category of topics; at most 255 octets of UTF-8, as the other texts.
        channel: Key of the channel the message went out on.
        delivery_id: The message it stood in, when there was one.
    """

    recipient_id: str
    category: str
    channel: str
    delivery_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Permit:
    """Whoever holds it may see and change somebody's preferences until a moment (aware)."""

    recipient_id: str
    until: datetime

    @classmethod
    def of_delivery(cls, recipient: str, delivery: UUID, lifetime: timedelta) -> "Permit":
        """The one in a message: counted from its delivery's day, and so the same in all attempts.

        Raises:
            ValueError: `delivery` is not an id of ours.
        """
        day = datetime.combine(place_of(delivery).day, time.min, UTC)
        return cls(recipient, day + lifetime)


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """The key that signs, and older ones whose links are still honoured."""

    current: bytes
    older: tuple[bytes, ...] = ()

    @classmethod
    def derive(cls, secret: bytes, *older: bytes) -> "LinkKeys":
        """Keys of the installation's secret and the secrets it had before."""
        return cls(_derived(secret), tuple(_derived(each) for each in older))

    def by_id(self, key_id: bytes) -> bytes | None:
        """The key with this id."""
        keys = (self.current, *self.older)
        return next((key for key in keys if _key_id(key) == key_id), None)


def _derived(secret: bytes) -> bytes:
    return hmac.digest(secret, b"tidings links 1", "sha256")


@lru_cache(maxsize=16)
def _key_id(key: bytes) -> bytes:
    return sha256(b"key id\0" + key).digest()[:_KEY_ID]


def sign(kind: Kind, link: Link, keys: LinkKeys) -> str:
    """The token that says this; the same link, the same token.

    Raises:
        ComposingError: A text is longer than 255 octets.
    """
    said = b"".join(map(_text, (link.recipient_id, link.category, link.channel)))
    said += link.delivery_id.bytes if link.delivery_id else b""
    return seal(kind.value, said, keys)


def read(kind: Kind, token: str, keys: LinkKeys) -> Link | None:
    """What a token says, or `None` when it is not a token of this kind made with our keys."""
    said = unseal(kind.value, token, keys)
    return None if said is None else _said(said)


def sign_permit(permit: Permit, keys: LinkKeys) -> str:
    """The token of a permit; the same permit, the same token.

    Raises:
        ComposingError: The recipient's id is longer than 255 octets.
    """
    end = int(permit.until.timestamp()).to_bytes(_END, "big")
    return seal(_PERMIT, _text(permit.recipient_id) + end, keys)


def read_permit(token: str, keys: LinkKeys) -> Permit | None:
    """The permit in a token, also one that is over; `None` when our keys made no such token."""
    said = unseal(_PERMIT, token, keys)
    if said is None:
        return None
    end = int.from_bytes(said[-_END:], "big")
    return Permit(said[1:-_END].decode(), datetime.fromtimestamp(end, UTC))


def sign_view(delivery: UUID, keys: LinkKeys) -> str:
    """The token of the link that shows a mail in a browser; the same in all attempts."""
    return seal(_VIEW, delivery.bytes, keys)


def read_view(token: str, keys: LinkKeys) -> UUID | None:
    """The delivery whose mail a token shows; `None` when our keys made no such token."""
    said = unseal(_VIEW, token, keys)
    return None if said is None else UUID(bytes=said)


def hidden(text: str) -> str:
    """A text whose links to our pages lead nowhere: they would work for whoever reads them."""
    return _OURS.sub(r"\1…", text)


def seal(kind: bytes, said: bytes, keys: LinkKeys) -> str:
    """A token of this kind around a payload; the same payload, the same token."""
    head = _VERSION + kind + _key_id(keys.current)
    token = head + _mac(keys.current, head, said) + said
    return urlsafe_b64encode(token).rstrip(b"=").decode()


def unseal(kind: bytes, token: str, keys: LinkKeys) -> bytes | None:
    """The payload of a token; `None` when it is not one of this kind made with our keys."""
    octets = _octets(token)
    head, mac, said = octets[:_HEAD], octets[_HEAD : _HEAD + _MAC], octets[_HEAD + _MAC :]
    key = keys.by_id(head[2:])
    if key is None or head[:2] != _VERSION + kind:
        return None
    return said if hmac.compare_digest(mac, _mac(key, head, said)) else None


def _mac(key: bytes, head: bytes, said: bytes) -> bytes:
    return hmac.digest(key, head + said, "sha256")[:_MAC]


def _text(text: str) -> bytes:
    octets = text.encode()
    if len(octets) > _LONGEST:
        raise ComposingError(
            f"a text of {len(octets)} octets fits into no link: at most {_LONGEST}"
        )
    return bytes([len(octets)]) + octets


def _octets(token: str) -> bytes:
    """The octets of a token; none when it is not spelled as we spell it."""
    try:
        octets = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (Base64Error, ValueError):
        return b""
    # The decoder skips foreign signs and unused bits: one token shall have one spelling.
    return octets if urlsafe_b64encode(octets).rstrip(b"=").decode() == token else b""


def _said(octets: bytes) -> Link:
    """Take an authentic payload apart."""
    texts = []
    for _ in range(3):
        end = 1 + octets[0]
        texts.append(octets[1:end].decode())
        octets = octets[end:]
    recipient, category, channel = texts
    return Link(recipient, category, channel, UUID(bytes=octets) if octets else None)
