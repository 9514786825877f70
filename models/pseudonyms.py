"""What is kept of somebody who was erased: keyed hashes, by which they are known again.

A pseudonym is `erased-`, half of an HMAC-SHA256 of the text under a key of the installation's,
and three digits more that put it into the bucket the text was in. So no row moves when it is
renamed, and `bucket_of` holds for it as for every other. Without the key it tells nothing; with it
one can only ask whether a text that is known already is the one. Pure.
"""

import hmac
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from zlib import crc32

from models.ids import BUCKETS

MARK = "erased-"
"""What every pseudonym begins with."""
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_FIRST = "000"
_KEPT = 16
"""Bytes of the HMAC that are kept."""


def is_pseudonym(text: str) -> bool:
    """Whether a recipient, an address or a key stands for one that was erased."""
    return text.startswith(MARK)


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Makes pseudonyms.

    Attributes:
        keys: The installation's secret, then those it had before: what was hashed under them is
            found as long as they are named.
    """

    keys: tuple[bytes, ...]

    def recipient(self, recipient_id: str) -> tuple[str, ...]:
        """What may stand for a recipient, the one to write first."""
        return self._of(b"recipient", recipient_id)

    def address(self, address: str) -> tuple[str, ...]:
        """What may stand for a normalised address, the one to write first."""
        return self._of(b"address", address)

    def key(self, source: bytes, key: str) -> tuple[str, ...]:
        """What may stand for a dedup key of a source, the one to write first."""
        return self._of(b"key", key, source + b"k:")

    def _of(self, kind: bytes, text: str, before: bytes = b"") -> tuple[str, ...]:
        said = text.encode()
        bucket = crc32(before + said) & (BUCKETS - 1)
        hashes = (hmac.digest(_derived(key), kind + b"\0" + said, "sha256") for key in self.keys)
        return tuple(_in_bucket(f"{MARK}{each[:_KEPT].hex()}", before, bucket) for each in hashes)


@lru_cache(maxsize=16)
def _derived(key: bytes) -> bytes:
    return hmac.digest(key, b"tidings pseudonyms 1", "sha256")


def _in_bucket(head: str, before: bytes, bucket: int) -> str:
    now = crc32(before + f"{head}{_FIRST}".encode()) & (BUCKETS - 1)
    return head + _tails()[now ^ bucket]


@lru_cache(maxsize=1)
def _tails() -> dict[int, str]:
    """What to end with, by the bits of the bucket that shall change.

    CRC-32 is affine: by how much it changes with the last digits does not depend on what is
    before them.
    """
    first = crc32(_FIRST.encode())
    tails = ("".join(digits) for digits in product(_DIGITS, repeat=len(_FIRST)))
    return {(crc32(tail.encode()) ^ first) & (BUCKETS - 1): tail for tail in tails}
