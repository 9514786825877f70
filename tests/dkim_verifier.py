"""dkimpy, an independent implementation, with the Ed25519 that it wants of PyNaCl."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519


class VerifyKey:
    """PyNaCl's class of this name, which is all that dkimpy wants of PyNaCl."""

    def __init__(self, key: bytes, encoder: object) -> None:
        del encoder
        raw = base64.b64decode(key)
        self._key = ed25519.Ed25519PublicKey.from_public_bytes(raw)

    def verify(self, data: bytes, signature: bytes) -> None:
        self._key.verify(signature, data)


@contextmanager
def knowing_ed25519() -> Iterator[None]:
    nacl = SimpleNamespace(
        signing=SimpleNamespace(VerifyKey=VerifyKey),
        encoding=SimpleNamespace(Base64Encoder=None),
        exceptions=SimpleNamespace(ValueError=ValueError, BadSignatureError=InvalidSignature),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dkim, "nacl", nacl, raising=False)
        yield


def selectors(payload: bytes, txt: Callable[[str], str | None]) -> list[str]:
    """The selectors of a mail's signatures, in order; each must verify with what DNS says.

    Args:
        payload: The mail.
        txt: Name to TXT record; `None` where there is none.
    """

    def answer(name: bytes, timeout: int = 5) -> bytes:
        assert timeout
        return (txt(name.decode().rstrip(".")) or "").encode()

    found = []
    with knowing_ed25519():
        for index in range(payload.count(b"DKIM-Signature:")):
            mail = dkim.DKIM(payload)
            assert mail.verify(idx=index, dnsfunc=answer), index
            found.append(mail.signature_fields[b"s"].decode())
    return found
