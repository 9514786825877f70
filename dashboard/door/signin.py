"""The pages outside the gate: exchanging a one-time link for a cookie, and signing out.

Opening a link shows a page whose form posts the token, so that scanners which follow links
do not use it up; a script sends the form at once, and without scripts there is the button.
"""

from html import escape
from string import Template

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard import actions, settings
from dashboard.door import cookie
from dashboard.files import text
from models.people import LinkState

_PAGE = Template(text("signin.html"))
_SCRIPTS = "script-src 'self'; default-src 'self'; style-src 'self'; form-action 'self'"

_WRONG = {
    LinkState.USED: ("This link was used already", "A sign-in link works once."),
    LinkState.EXPIRED: ("This link has expired", "A sign-in link works for one hour."),
    LinkState.UNKNOWN: ("This link is not known here", "It may be cut short, or of another place."),
}
_ANEW = (
    "<p>Get a new one on the machine Tidings runs on:</p><pre>tidings console-link</pre>"
    "<p>or ask whoever looks after Tidings to make one for you on the page People.</p>"
)


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    content = _PAGE.substitute(title=escape(title), body=body)
    headers = {"content-security-policy": _SCRIPTS, "cache-control": "no-store"}
    return HTMLResponse(content, status, headers)


def _wrong(state: LinkState) -> HTMLResponse:
    title, why = _WRONG[state]
    return _page(title, f"<p role=alert>{why}</p>{_ANEW}", 403)


def safe_next(target: str) -> str:
    """The target when it is a path on this console, else the first page."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if inside and "\\" not in target and target.isprintable() else "/"


async def show(request: Request) -> Response:
    """The page a link opens: it posts the token back, or says what to do without one."""
    token = request.query_params.get("token")
    onward = escape(safe_next(request.query_params.get("next", "/")))
    if token is None:
        return _page("Sign in", f"<p>One signs in with a one-time link.</p>{_ANEW}")
    state = await anyio.to_thread.run_sync(actions.link_state, token)
    if state is not LinkState.GOOD:
        return _wrong(state)
    form = (
        "<p>Your link is good. You are being signed in.</p>"
        "<form method=post action=/login id=signin>"
        f'<input type=hidden name=token value="{escape(token)}">'
        f'<input type=hidden name=next value="{onward}">'
        "<button>Sign in</button></form><script src=/app/static/signin.js></script>"
    )
    return _page("Sign in", form)


async def enter(request: Request) -> Response:
    """Use a link up: the cookie, or what is wrong with the link."""
    form = await request.form()
    token = str(form.get("token", ""))
    person = await anyio.to_thread.run_sync(actions.sign_in, token)
    if person is None:
        return _wrong(await _why_not(token))
    answer = RedirectResponse(safe_next(str(form.get("next", "/"))), 303)
    answer.set_cookie(
        cookie.NAME,
        cookie.make(person.person, settings.secret()),
        max_age=cookie.LASTS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


async def _why_not(token: str) -> LinkState:
    state = await anyio.to_thread.run_sync(actions.link_state, token)
    return LinkState.USED if state is LinkState.GOOD else state


async def ask_to_leave(_: Request) -> Response:
    """The page for those who come to the sign-out by address: only a POST signs out."""
    return _page("Sign out", "<form method=post action=/logout><button>Sign out</button></form>")


async def leave(_: Request) -> Response:
    """Take the cookie away."""
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie.NAME, httponly=True, samesite="lax")
    return answer


async def health(_: Request) -> Response:
    """Whether this process answers; says nothing about the database."""
    return JSONResponse({"status": "ok"})


ROUTES = [
    Route("/login", show, methods=["GET"]),
    Route("/login", enter, methods=["POST"]),
    Route("/logout", ask_to_leave, methods=["GET"]),
    Route("/logout", leave, methods=["POST"]),
    Route("/healthz", health),
]
