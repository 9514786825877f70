"""The pages that Streamlit does not draw: written on the server, good without scripts."""

import secrets
from collections.abc import Awaitable, Callable
from html import escape
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dashboard import settings
from dashboard.door import cookie, csrf
from dashboard.door.gate import SESSION
from dashboard.files import text

_PAGE = Template(text("signin.html"))
_FORMS = "tidings_forms"
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
_LARGEST = 16_384
"""Bytes of a form of ours at most."""

View = Callable[[Request], Awaitable[Response]]


def page(request: Request, title: str, body: str, status: int = 200) -> HTMLResponse:
    """A page around some HTML; its forms can be posted from this browser."""
    content = _PAGE.substitute(title=escape(title), body=body)
    headers = {"content-security-policy": _POLICY, "cache-control": "no-store"}
    answer = HTMLResponse(content, status, headers)
    if fresh := getattr(request.state, "fresh", None):
        secure = cookie.is_secure(request.scope)
        called = cookie.name(secure=secure, of=_FORMS)
        answer.set_cookie(called, fresh, httponly=True, samesite="strict", secure=secure)
    return answer


def form(request: Request, action: str, inside: str, **attributes: str) -> str:
    """A form with the token that lets it be believed."""
    bound = _bound_to(request)
    if not bound:
        bound = request.state.fresh = secrets.token_urlsafe(32)
    more = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return (
        f'<form method="post" action="{escape(action)}"{more}>'
        f"{hidden(csrf.FIELD, csrf.token(settings.secret(), bound))}{inside}</form>"
    )


def hidden(name: str, value: str) -> str:
    """A field that nobody sees."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def alert(sentence: str) -> str:
    """What went wrong, read out at once by screen readers."""
    return f'<p role="alert">{escape(sentence)}</p>' if sentence else ""


def guarded(view: View) -> View:
    """The same, for forms that come from pages of ours alone."""

    async def believed(request: Request) -> Response:
        if _size(request) > _LARGEST:
            return page(request, "This form is too long", alert("Nothing was changed."), 413)
        posted = await request.form()
        given = str(posted.get(csrf.FIELD, ""))
        ours = csrf.is_ours(settings.secret(), _bound_to(request), given)
        if csrf.is_foreign(request.headers) or not ours:
            again = "Nothing was changed. Open the page you came from anew, and try again."
            return page(request, "This form cannot be taken", alert(again), 403)
        return await view(request)

    return believed


def _size(request: Request) -> int:
    """Bytes that are announced; of what comes in chunks nobody knows how many there will be.

    With both headers the chunks count (RFC 9112, section 6.3).
    """
    if "transfer-encoding" in request.headers:
        return _LARGEST + 1
    return int(request.headers.get("content-length", _LARGEST + 1))


def _bound_to(request: Request) -> str:
    """The session, else what this browser was given; empty when there is neither."""
    if session := request.headers.get(SESSION):
        return session
    if fresh := getattr(request.state, "fresh", None):
        return str(fresh)
    called = cookie.name(secure=cookie.is_secure(request.scope), of=_FORMS)
    return cookie.read(request.headers.get("cookie", ""), called)
