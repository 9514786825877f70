"""The sign-in cookie: an opaque token; whose it is and whether it counts, the database knows.

On HTTPS its name begins with `__Host-`: browsers then take it from this very host alone, over
HTTPS, for all paths (RFC 6265bis, section 4.1.3.2), so a neighbour cannot set one.
"""

from datetime import timedelta
from http.cookies import CookieError, SimpleCookie

from starlette.responses import Response
from starlette.types import Scope

_NAME = "tidings_console"


def is_secure(scope: Scope) -> bool:
    """Whether a request came over HTTPS."""
    return scope["scheme"] in {"https", "wss"}


def name(*, secure: bool, of: str = _NAME) -> str:
    """What the cookie is called."""
    return f"__Host-{of}" if secure else of


def read(header: str, called: str) -> str:
    """The value of a cookie of a `Cookie` header; empty when there is none."""
    try:
        morsel = SimpleCookie(header).get(called)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def give(answer: Response, token: str, lasts: timedelta, *, secure: bool) -> None:
    """Let a browser keep the token of a session."""
    answer.set_cookie(
        name(secure=secure),
        token,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def take(answer: Response, *, secure: bool) -> None:
    """Let a browser forget it."""
    answer.delete_cookie(name(secure=secure), httponly=True, samesite="lax", secure=secure)
