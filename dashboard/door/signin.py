"""Signing in with a password or a one-time link, and signing out.

Opening a link shows a page whose form posts the token, so that scanners which follow links
do not use it up; a script sends the form at once, and without scripts there is the button.
"""

from html import escape
from urllib.parse import urlencode
from uuid import UUID

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard import settings
from dashboard.changing import entering, passwords, sessions
from dashboard.door import cookie
from dashboard.door.gate import PERSON, SESSION
from dashboard.door.onward import safe_next
from dashboard.door.pages import alert, form, guarded, hidden, page
from dashboard.door.visitor import visitor
from models.people import LinkState
from models.storable import storable

_WRONG = {
    LinkState.USED: ("This link was used already", "A sign-in link works once."),
    LinkState.EXPIRED: (
        "This link has expired",
        "A sign-in link works for an hour, an invitation for a week.",
    ),
    LinkState.UNKNOWN: ("This link is not known here", "It may be cut short, or of another place."),
}
_ANEW = (
    "<p>Get a new one on the machine Tidings runs on:</p><pre>tidings console-link</pre>"
    "<p>or ask whoever looks after Tidings to make one for you on the page People.</p>"
)
_WITHOUT = (
    "<details><summary>No password, or forgotten?</summary>"
    "<p>A one-time link signs you in and lets you set one. Whoever looks after Tidings makes it on"
    " the page People, or on the machine Tidings runs on:</p><pre>tidings console-link</pre>"
    "</details>"
)
_AT_ONCE = anyio.CapacityLimiter(2)
"""Passwords that are looked at at the same time: each takes 64 MiB and a core."""


async def show(request: Request) -> Response:
    """The page for who is not signed in; of a link, the form that posts it back."""
    token = request.query_params.get("token")
    onward = safe_next(request.query_params.get("next", "/"))
    if token is None:
        return _ask(request, onward)
    state = await anyio.to_thread.run_sync(entering.link_state, token)
    if state is not LinkState.GOOD:
        return _wrong(request, state)
    inside = hidden("token", token) + hidden("next", onward) + "<button>Sign in</button>"
    body = (
        "<p>Your link is good. You are being signed in.</p>"
        + form(request, "/login/link", inside, id="signin")
        + '<script src="/app/static/signin.js"></script>'
    )
    return page(request, "Sign in", body)


def _ask(
    request: Request, onward: str, *, email: str = "", wrong: str = "", status: int = 200
) -> Response:
    focus = "" if email else " autofocus"
    inside = (
        hidden("next", onward)
        + '<label for="email">Work e-mail</label><input id="email" name="email" type="email"'
        f' autocomplete="username" required maxlength="254" value="{escape(email)}"{focus}>'
        '<label for="password">Password</label><input id="password" name="password"'
        ' type="password" autocomplete="current-password" required maxlength="256">'
        "<button>Continue</button>"
    )
    body = "<p>Notification console</p>" + alert(wrong) + form(request, "/login", inside)
    body += _elsewhere(onward) + _WITHOUT
    return page(request, "Sign in", body, status)


def _elsewhere(onward: str) -> str:
    """The way to the OpenID provider, where there is one."""
    door = settings.door()
    if not door.oidc_issuer:
        return ""
    query = escape(urlencode({"next": onward}))
    return f'<a class="other" href="/login/oidc?{query}">Continue with {escape(door.oidc_name)}</a>'


def _wrong(request: Request, state: LinkState) -> Response:
    title, why = _WRONG[state]
    return page(request, title, alert(why) + _ANEW, 403)


@guarded
async def with_password(request: Request) -> Response:
    """Sign in with an address and a password, or say that they do not fit."""
    posted = await request.form()
    email, password = storable(str(posted.get("email", ""))).value, str(posted.get("password", ""))
    onward = safe_next(str(posted.get("next", "/")))
    try:
        token = await anyio.to_thread.run_sync(
            passwords.sign_in, email, password, visitor(request), limiter=_AT_ONCE
        )
    except passwords.PausedError as paused:
        answer = _ask(request, onward, email=email, wrong=str(paused), status=429)
        answer.headers["retry-after"] = str(max(1, round(paused.wait.total_seconds())))
        return answer
    if token is None:
        return _ask(request, onward, email=email, wrong=passwords.WRONG, status=403)
    return let_in(request, token, onward)


@guarded
async def with_link(request: Request) -> Response:
    """Use a link up: the cookie, or what is wrong with the link."""
    posted = await request.form()
    link = str(posted.get("token", ""))
    token = await anyio.to_thread.run_sync(entering.by_link, link, visitor(request))
    if token is None:
        return _wrong(request, await _why_not(link))
    return let_in(request, token, safe_next(str(posted.get("next", "/"))))


def let_in(request: Request, token: str, onward: str) -> Response:
    """On to the console, with the cookie of a session that has just begun."""
    answer = RedirectResponse(onward, 303)
    secure = cookie.is_secure(request.scope)
    cookie.give(answer, token, settings.door().lasts, secure=secure)
    return answer


async def _why_not(token: str) -> LinkState:
    state = await anyio.to_thread.run_sync(entering.link_state, token)
    return LinkState.USED if state is LinkState.GOOD else state


async def ask_to_leave(request: Request) -> Response:
    """The page for those who come to the sign-out by address: only a POST signs out."""
    return page(request, "Sign out", form(request, "/logout", "<button>Sign out</button>"))


@guarded
async def leave(request: Request) -> Response:
    """End the session, and take its cookie away."""
    mine = bytes.fromhex(request.headers[SESSION])
    await anyio.to_thread.run_sync(sessions.leave, mine, UUID(request.headers[PERSON]))
    answer = RedirectResponse("/login", 303)
    cookie.take(answer, secure=cookie.is_secure(request.scope))
    return answer


async def health(_: Request) -> Response:
    """Whether this process answers; says nothing about the database."""
    return JSONResponse({"status": "ok"})


ROUTES = [
    Route("/login", show, methods=["GET"]),
    Route("/login", with_password, methods=["POST"]),
    Route("/login/link", with_link, methods=["POST"]),
    Route("/logout", ask_to_leave, methods=["GET"]),
    Route("/logout", leave, methods=["POST"]),
    Route("/healthz", health),
]
