"""The sign-in cookie: who, signed with the secret key, good for eight hours."""

from http.cookies import CookieError, SimpleCookie
from uuid import UUID

from itsdangerous import BadSignature, URLSafeTimedSerializer

NAME = "tidings_console"
LASTS = 8 * 3600
"""Seconds until one signs in anew."""


def _signer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="tidings.console")


def make(person: UUID, secret: bytes) -> str:
    """The cookie's value for a person."""
    return str(_signer(secret).dumps(str(person)))


def read(header: str, secret: bytes) -> UUID | None:
    """Who a `Cookie` header says it is; `None` when it is forged, too old or not there."""
    try:
        morsel = SimpleCookie(header).get(NAME)
        return UUID(_signer(secret).loads(morsel.value, max_age=LASTS)) if morsel else None
    except (BadSignature, CookieError, ValueError):
        return None
