"""Forms are believed only when they come from pages of ours.

Two signs, both needed: the browser does not say that another site sent it (Fetch Metadata and
the Origin of RFC 6454, which no script can forge), and the form carries a token that only a page
given to this browser can hold. The token is bound to the session, or before there is one to a
random cookie (signed double submit, as OWASP describes it).
"""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

FIELD = "form"
"""The hidden field that carries the token."""


def token(secret: bytes, bound_to: str) -> str:
    """The token of a form that is given to one session, or to one browser."""
    key = hmac.digest(secret, b"tidings console forms 1", "sha256")
    return hmac.digest(key, bound_to.encode(), "sha256").hex()


def is_ours(secret: bytes, bound_to: str, given: str) -> bool:
    """Whether a form carries the right token; nothing is right for nobody."""
    return bool(bound_to) and hmac.compare_digest(
        token(secret, bound_to).encode(), given.encode(errors="replace")
    )


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that another site sent the form."""
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
