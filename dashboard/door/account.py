"""One's own account: the password, and where one is signed in."""

from datetime import datetime
from html import escape
from uuid import UUID

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.actions import RefusedError
from dashboard.changing import passwords, sessions
from dashboard.door.gate import PERSON, SESSION
from dashboard.door.onward import safe_next
from dashboard.door.pages import alert, form, guarded, hidden, page
from dashboard.door.passwords import LONGEST, SHORTEST
from dashboard.door.visitor import visitor
from dashboard.reading import people
from models.people import Person, Session

_WAYS = {"link": "a sign-in link", "password": "a password", "oidc": "your organisation"}
_SAID = {"set": "Your password is set. You were signed out everywhere else."}


async def show(request: Request) -> Response:
    """The account of who is signed in."""
    return await _account(request, "", 200)


async def _account(request: Request, wrong: str, status: int) -> Response:
    body = await anyio.to_thread.run_sync(_body, request, wrong)
    return page(request, "Your account", body, status)


def _body(request: Request, wrong: str) -> str:
    mine = bytes.fromhex(request.headers[SESSION])
    identifier = UUID(request.headers[PERSON])
    person = people.person(identifier)
    email = escape(person.email) if person else ""
    said = _SAID.get(request.query_params.get("done", ""), "")
    return (
        f"<p>{email} · <a href={_back(request)!r}>Back to the console</a></p>"
        + (f'<p role="status">{said}</p>' if said else "")
        + alert(wrong)
        + _password(request, person, mine)
        + _signed_in(request, sessions.of(identifier), mine)
    )


def _back(request: Request) -> str:
    return escape(safe_next(request.query_params.get("next", "/")))


def _password(request: Request, person: Person | None, mine: bytes) -> str:
    asked = passwords.asks_for_old(mine)
    old = (
        '<label for="old">Old password</label><input id="old" name="old" type="password"'
        f' autocomplete="current-password" required maxlength="{LONGEST}">'
    )
    inside = (
        # Password managers want to know whose password it is.
        f'<input type="hidden" autocomplete="username" value="{escape(person.email)}">'
        if person
        else ""
    ) + (
        f'{old if asked else ""}<label for="new">New password</label><input id="new" name="new"'
        f' type="password" autocomplete="new-password" required minlength="{SHORTEST}"'
        f' maxlength="{LONGEST}" aria-describedby="rule">'
        f'<p id="rule">At least {SHORTEST} characters. A few words nobody expects are good.</p>'
        "<button>Set the password</button>"
    )
    return "<h2>Password</h2>" + form(request, "/account/password", inside)


def _signed_in(request: Request, found: list[Session], mine: bytes) -> str:
    lines = "".join(_line(request, one, mine) for one in found)
    others = (
        form(request, "/account/leave-others", '<button class="plain">Sign out elsewhere</button>')
        if len(found) > 1
        else ""
    )
    return f'<h2>Where you are signed in</h2><ul class="sessions">{lines}</ul>{others}'


def _line(request: Request, one: Session, mine: bytes) -> str:
    here = one.session == mine
    leave = hidden("session", one.session.hex()) + '<button class="plain">Sign out</button>'
    return (
        f"<li><div><strong>{escape(_browser(one.agent))}</strong>{' · here' if here else ''}"
        f"<br><small>{escape(one.network)}, with {_WAYS.get(one.method, one.method)}"
        f" {_at(one.began_at)}; last seen {_at(one.seen_at)}</small></div>"
        f"{'' if here else form(request, '/account/leave', leave)}</li>"
    )


def _browser(agent: str) -> str:
    """A few words for what a browser calls itself."""
    systems = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "Linux")
    browsers = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    browser = next((name for mark, name in browsers.items() if mark in agent), "A browser")
    system = next((name for name in systems if name in agent), "")
    return f"{browser} on {system}" if system else browser


def _at(moment: datetime) -> str:
    return f'<time datetime="{moment.isoformat()}">{moment:%d %b %Y, %H:%M} UTC</time>'


@guarded
async def set_password(request: Request) -> Response:
    """Set the password of who is signed in."""
    posted = await request.form()
    mine = bytes.fromhex(request.headers[SESSION])
    old, new = str(posted.get("old", "")), str(posted.get("new", ""))
    try:
        await anyio.to_thread.run_sync(passwords.change, mine, old, new, visitor(request))
    except RefusedError as error:
        return await _account(request, str(error), 400)
    except passwords.PausedError as error:
        return await _account(request, str(error), 429)
    return RedirectResponse("/account?done=set", 303)


@guarded
async def leave(request: Request) -> Response:
    """End one other session of one's own."""
    posted = await request.form()
    try:
        named = bytes.fromhex(str(posted.get("session", "")))
    except ValueError:
        return await _account(request, "There is no such session.", 400)
    await anyio.to_thread.run_sync(sessions.leave, named, UUID(request.headers[PERSON]))
    return RedirectResponse("/account", 303)


@guarded
async def leave_others(request: Request) -> Response:
    """End all sessions of one's own but this one."""
    mine, by = bytes.fromhex(request.headers[SESSION]), UUID(request.headers[PERSON])
    await anyio.to_thread.run_sync(sessions.leave_others, mine, by)
    return RedirectResponse("/account", 303)


ROUTES = [
    Route("/account", show, methods=["GET"]),
    Route("/account/password", set_password, methods=["POST"]),
    Route("/account/leave", leave, methods=["POST"]),
    Route("/account/leave-others", leave_others, methods=["POST"]),
]
