"""Addresses of ours that mail comes to, each with a MAC: what a genuine one says. Pure.

    b+<delivery, 32 hex>.<MAC, 20 hex>    what becomes of one message: its envelope sender (VERP)
    u+<wish and MAC, 52 base32>           somebody wants no more of a category
    c+<MAC, 20 hex>                       complaints: what is told to receivers' feedback loops

They are written in small letters and read in any: some relays change them. A MAC is HMAC-SHA256,
cut to 80 bits (RFC 2104, section 5), with a key of its own for each kind; it is compared in
constant time before anything follows. A local part has at most 64 octets (RFC 5321, section
4.5.3.1.1), too few for a recipient's id: a wish names bucket, recipient and category by hashes.
"""

import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import product
from uuid import UUID

from models.ids import bucket_of

_MAC = 10
"""Octets of the MAC that are kept."""
RECIPIENT_DIGEST = 12
"""Octets of SHA-256 by which a wish names its recipient."""
_CATEGORY_DIGEST = 8
_WISH = 2 + RECIPIENT_DIGEST + _CATEGORY_DIGEST

_LOCAL = re.compile(
    r"b\+(?P<delivery>[0-9a-f]{32})\.(?P<b>[0-9a-f]{20})"
    r"|u\+(?P<wish>[a-z2-7]{52})"
    r"|c\+(?P<c>[0-9a-f]{20})"
)


@dataclass(frozen=True, slots=True)
class ReturnKeys:
    """The secret that signs, and older ones whose addresses are still honoured.

    Attributes:
        secrets: Of the installation; the first one signs.
    """

    secrets: tuple[bytes, ...]

    @classmethod
    def of(cls, secret: bytes, *older: bytes) -> "ReturnKeys":
        """Keys of the installation's secret and the secrets it had before."""
        return cls((secret, *older))


@dataclass(frozen=True, slots=True)
class Bounces:
    """What becomes of one delivery."""

    delivery_id: UUID


@dataclass(frozen=True, slots=True)
class OptOut:
    """Somebody wants no more of a category on a channel, each named by a hash.

    Attributes:
        bucket: Where the recipient lives.
        recipient: First octets of the SHA-256 of the recipient's id.
        category: The same of category and channel; see `category_digest`.
    """

    bucket: int
    recipient: bytes
    category: bytes


@dataclass(frozen=True, slots=True)
class Complaints:
    """Reports of receivers; which message each is about stands in it."""


Return = Bounces | OptOut | Complaints


def bounces_to(delivery_id: UUID, keys: ReturnKeys) -> str:
    """The local part to which bounces of a delivery come."""
    said = delivery_id.bytes
    return f"b+{delivery_id.hex}.{_mac(keys.secrets[0], _VERP, said).hex()}"


def optouts_to(recipient_id: str, category: str, channel: str, keys: ReturnKeys) -> str:
    """The local part to which a recipient writes to want no more of a category."""
    said = (
        bucket_of(recipient_id).to_bytes(2, "big")
        + recipient_digest(recipient_id)
        + category_digest(category, channel)
    )
    token = said + _mac(keys.secrets[0], _OPTOUT, said)
    return "u+" + b32encode(token).rstrip(b"=").decode().lower()


def complaints_to(keys: ReturnKeys) -> str:
    """The local part that receivers are told for their feedback loops."""
    return f"c+{_mac(keys.secrets[0], _COMPLAINTS, b'').hex()}"


def recipient_digest(recipient_id: str) -> bytes:
    """What stands for a recipient in a wish."""
    return sha256(recipient_id.encode()).digest()[:RECIPIENT_DIGEST]


def category_digest(category: str, channel: str) -> bytes:
    """What stands for a category on a channel in a wish."""
    said = channel.encode() + b"\0" + category.encode()
    return sha256(said).digest()[:_CATEGORY_DIGEST]


def category_like(
    wish: OptOut, categories: Iterable[str], channels: Iterable[str]
) -> tuple[str, str] | None:
    """Category and channel that a wish is about; `None` where it is none of these."""
    pairs = product(categories, channels)
    return next((pair for pair in pairs if category_digest(*pair) == wish.category), None)


def read(address: str, domain: str, keys: ReturnKeys) -> Return | None:
    """What an address says, or `None` when it is not one of ours, signed with our keys."""
    local, _, right = address.rpartition("@")
    if right.lower().rstrip(".") != domain.lower():
        return None
    found = _LOCAL.fullmatch(local.lower()) if local.isascii() else None
    if found is None:
        return None
    if found["delivery"]:
        said = bytes.fromhex(found["delivery"])
        return Bounces(UUID(bytes=said)) if _genuine(keys, _VERP, said, found["b"]) else None
    if found["wish"]:
        return _wish(found["wish"], keys)
    return Complaints() if _genuine(keys, _COMPLAINTS, b"", found["c"]) else None


def genuine(addresses: Iterable[str], domain: str, keys: ReturnKeys) -> tuple[Return, ...]:
    """What those of these addresses say that are ours, in their order, each once."""
    said = (read(address, domain, keys) for address in addresses)
    return tuple(dict.fromkeys(one for one in said if one is not None))


_VERP, _OPTOUT, _COMPLAINTS = b"tidings verp 1", b"tidings opt out 1", b"tidings complaints 1"


def _wish(token: str, keys: ReturnKeys) -> OptOut | None:
    octets = b32decode(token.upper() + "=" * (-len(token) % 8))
    said, mac = octets[:_WISH], octets[_WISH:]
    # The last sign has unused bits: one wish shall have one spelling.
    if b32encode(octets).rstrip(b"=").decode().lower() != token:
        return None
    if not _genuine(keys, _OPTOUT, said, mac.hex()):
        return None
    end = 2 + RECIPIENT_DIGEST
    return OptOut(int.from_bytes(said[:2], "big"), said[2:end], said[end:])


def _genuine(keys: ReturnKeys, purpose: bytes, said: bytes, mac: str) -> bool:
    given = bytes.fromhex(mac)
    # All are compared, so that the time it takes says nothing.
    fits = [hmac.compare_digest(_mac(one, purpose, said), given) for one in keys.secrets]
    return True in fits


def _mac(secret: bytes, purpose: bytes, said: bytes) -> bytes:
    return hmac.digest(_key(secret, purpose), said, "sha256")[:_MAC]


@lru_cache(maxsize=32)
def _key(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, purpose, "sha256")
