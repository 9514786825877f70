"""New key pairs for DKIM. Chance lives here, not in `signing_keys.py`."""

from base64 import b64encode
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from models.records import Algorithm

_EXPONENT, _BITS = 65537, 2048
"""Larger RSA keys fit into no single datagram, and some receivers do not verify them."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key.

    Attributes:
        public: The `p=` of its record.
        private: PEM, PKCS #8; to be sealed at once.
    """

    public: str
    private: bytes = field(repr=False)


def make(algorithm: Algorithm) -> KeyPair:
    """A new key pair; an RSA one takes a tenth of a second."""
    rsa = algorithm is Algorithm.RSA
    private = generate_private_key(_EXPONENT, _BITS) if rsa else Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyPair(_value(private.public_key()), pem)


@lru_cache(maxsize=64)  # reading an RSA key proves it sound, which takes milliseconds
def public_half(pem: bytes) -> tuple[Algorithm, str]:
    """What a private key is, and the `p=` of its record.

    Raises:
        ValueError: It cannot be read, or is neither RSA nor Ed25519.
    """
    try:
        public = load_pem_private_key(pem, password=None).public_key()
    except TypeError as error:
        raise ValueError(f"the DKIM key cannot be read: {error}") from None
    match public:
        case RSAPublicKey():
            return Algorithm.RSA, _value(public)
        case Ed25519PublicKey():
            return Algorithm.ED25519, _value(public)
        case _:
            raise ValueError("the DKIM key is neither RSA nor Ed25519")


def _value(public: RSAPublicKey | Ed25519PublicKey) -> str:
    """An RSA key as SubjectPublicKeyInfo (RFC 6376, 3.6.1), Ed25519 as it is (RFC 8463, 4.2)."""
    if isinstance(public, RSAPublicKey):
        return b64encode(
            public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).decode()
    return b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
