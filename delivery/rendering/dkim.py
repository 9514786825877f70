"""Signs mails (DKIM, RFC 6376; Ed25519: RFC 8463), relaxed/relaxed and over-signed.

Every header that matters is named once more in `h=` than it occurs, so that nobody on the way
can add another one. No `t=`: the same mail always gets the same signature.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from delivery.messages import Message
from delivery.rendering.mime import seven_bit

SIGNED = (
    b"from",
    b"reply-to",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"list-id",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
    b"feedback-id",
)
"""The headers a signature covers, present or not (RFC 6376, section 5.4.1)."""

_SMALLEST_RSA = 2048
_HEADERS_PER_LINE = 4
_SIGNATURE_LINE = 70
_PADDING, _SHA256 = PKCS1v15(), SHA256()
_SPACES = re.compile(rb"[ \t]+")
_UNFOLDED = re.compile(rb"\r\n(?![ \t])")


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key and where its public half is published.

    Attributes:
        domain: `d=`, the signing domain; DMARC wants it aligned with From.
        selector: `s=`; the public key is at `<selector>._domainkey.<domain>`.
        private_key_pem: RSA of at least 2048 bits, or Ed25519; PEM, unencrypted.
    """

    domain: str
    selector: str
    private_key_pem: str = field(repr=False)


def sign(payload: bytes, keys: Iterable[DkimKey]) -> bytes:
    """The mail, all 7-bit, with one signature per key before it.

    A relay without 8BITMIME would re-encode an 8-bit body and break the signature; so what is
    signed is 7-bit from the start, as RFC 6376, section 5.3 asks for.

    Args:
        payload: What `mime.compose` made.
        keys: One for each signature.

    Raises:
        ValueError: A key is neither RSA of at least 2048 bits nor Ed25519.
    """
    payload = seven_bit(payload)
    head, _, body = payload.partition(b"\r\n\r\n")
    headers = _relaxed_headers(head)
    covered = _covered(headers)
    names = _names(tuple(name in headers for name in SIGNED))
    digest = b64encode(sha256(relaxed_body(body)).digest())
    signatures = [_signature(key, covered, names, digest) for key in keys]
    return b"".join([*signatures, payload])


def signed(message: Message, keys: Iterable[DkimKey]) -> Message:
    """The message with its payload signed, which makes it 7-bit.

    Raises:
        ValueError: A key is neither RSA of at least 2048 bits nor Ed25519.
    """
    payload = sign(message.payload, keys)
    return replace(message, payload=payload, eight_bit=not payload.isascii())


def relaxed_body(body: bytes) -> bytes:
    """The body in its relaxed form (RFC 6376, section 3.4.4)."""
    body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")  # a pattern would visit every single space
    body = body.replace(b" \r\n", b"\r\n")
    body = body.rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _relaxed_headers(head: bytes) -> dict[bytes, bytes]:
    """Name and relaxed value of each header (RFC 6376, section 3.4.2); ours are all unique."""
    headers = {}
    for line in _UNFOLDED.split(head):
        name, _, value = line.partition(b":")
        value = _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip()
        headers[name.strip().lower()] = value
    return headers


def _covered(headers: dict[bytes, bytes]) -> bytes:
    return b"".join(b"%b:%b\r\n" % (n, headers[n]) for n in SIGNED if n in headers)


def _signature(key: DkimKey, covered: bytes, names: bytes, digest: bytes) -> bytes:
    signer = _signer(key)
    folded = b"\r\n ".join([signer.tags, b"h=%b;" % names, b"bh=%b;" % digest, b"b="])
    # Unfolded, each line break and its space are one space: the relaxed form of this header.
    data = covered + b"dkim-signature:" + folded.replace(b"\r\n ", b" ")
    made = b64encode(signer.sign(data))
    rows = [made[at : at + _SIGNATURE_LINE] for at in range(0, len(made), _SIGNATURE_LINE)]
    return b"DKIM-Signature: " + folded + b"\r\n ".join(rows) + b"\r\n"


@lru_cache(maxsize=64)
def _names(there: tuple[bool, ...]) -> bytes:
    counted = zip(SIGNED, there, strict=True)
    names = [name for name, is_there in counted for _ in range(1 + is_there)]
    rows = [
        b":".join(names[at : at + _HEADERS_PER_LINE])
        for at in range(0, len(names), _HEADERS_PER_LINE)
    ]
    return b":\r\n ".join(rows)


@dataclass(frozen=True, slots=True)
class _Signer:
    tags: bytes
    key: RSAPrivateKey | Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, _PADDING, _SHA256)
        return self.key.sign(sha256(data).digest())  # RFC 8463, section 3


@lru_cache(maxsize=64)
def _signer(key: DkimKey) -> _Signer:
    try:
        loaded = load_pem_private_key(key.private_key_pem.encode(), password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise ValueError(f"the DKIM key of {key.domain} cannot be read: {error}") from None
    if isinstance(loaded, Ed25519PrivateKey):
        return _Signer(_tags(key, b"ed25519-sha256"), loaded)
    if isinstance(loaded, RSAPrivateKey) and loaded.key_size >= _SMALLEST_RSA:
        return _Signer(_tags(key, b"rsa-sha256"), loaded)
    raise ValueError(f"the DKIM key of {key.domain} is neither RSA ≥ 2048 bits nor Ed25519")


def _tags(key: DkimKey, algorithm: bytes) -> bytes:
    domain, selector = key.domain.encode("idna"), key.selector.encode("idna")
    return b"v=1; a=%b; c=relaxed/relaxed; d=%b; s=%b;" % (algorithm, domain, selector)
