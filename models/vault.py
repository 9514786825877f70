"""Secrets in the database: encrypted with a key that only the installation's secret key opens."""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_NONCE = 12
_KEY = 32


class SealedError(ValueError):
    """It was sealed under another secret key, or altered."""


class Vault:
    """AES-256-GCM under keys that HKDF (RFC 5869) derives from the secret key.

    Args:
        secret: Seals and opens.
        older: Secret keys before it; they open what they sealed.
        purpose: What is kept: keys for one purpose open nothing of another.
    """

    def __init__(self, secret: bytes, older: Sequence[bytes], purpose: str) -> None:
        self._keys = [AESGCM(_derived(key, purpose)) for key in (secret, *older)]

    def seal(self, content: bytes, about: str) -> bytes:
        """Encrypt something; `about` says what it belongs to and is needed to open it."""
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._keys[0].encrypt(nonce, content, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """What was sealed.

        Raises:
            SealedError: No key of ours opens it as what it is said to be about.
        """
        nonce, content = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        for key in self._keys if sealed[:1] == _VERSION else ():
            try:
                return key.decrypt(nonce, content, about.encode())
            except (InvalidTag, ValueError):
                continue
        raise SealedError(
            f"what is kept of {about} was sealed under another secret key:"
            " put that one into TIDINGS_OLD_SECRET_KEYS"
        )


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), _KEY, salt=None, info=f"tidings {purpose} 1".encode()).derive(secret)
