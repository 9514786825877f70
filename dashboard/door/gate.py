"""Lets nobody in who is not signed in: HTTP and the websocket, where the console lives.

Pure ASGI, because Starlette's middleware base class never sees a websocket. The session is looked
up at each request, and again every few seconds of an open websocket, so that closing somebody's
access or ending a session works at once for what they open next and soon for what is open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.door import cookie
from dashboard.door.headers import SECURITY
from dashboard.door.watch import Watch
from models.people import Session

PERSON = "x-tidings-person"
"""The header the console's pages take the person from; never believed from outside."""
SESSION = "x-tidings-session"
"""The same for the session, in hexadecimal digits."""
_RESERVED = b"x-tidings-"

PUBLIC = frozenset(
    {"/login", "/login/link", "/login/oidc", "/login/oidc/back", "/healthz", "/_stcore/health"}
)
"""What one may see without being signed in: no page here shows data."""
PUBLIC_FOLDERS = ("/static/", "/app/static/")
_TRICKS = ("..", "//", "\\", "%")
"""What no path of ours holds, and what one server reads otherwise than the next."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """What the gate asks of the database.

    Attributes:
        session_of: The session that a cookie's token opens, if it does.
        is_live: Whether a session still counts.
        touch: Remembers that somebody did something in a session.
    """

    session_of: Callable[[str], Session | None]
    is_live: Callable[[bytes], bool]
    touch: Callable[[bytes], None]


class Gate:
    """The middleware around everything the console serves.

    Args:
        app: What is behind it.
        sessions: Who is signed in.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its person and session in headers, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        scope, sender = _stripped(scope), _securing(send)
        session = None if is_public(scope["path"]) else await self._session(scope)
        if session is not None:
            scope["headers"] += [
                (PERSON.encode(), str(session.person).encode()),
                (SESSION.encode(), session.session.hex().encode()),
            ]
            await self._serve(scope, receive, sender, session)
        elif is_public(scope["path"]):
            await self._app(scope, receive, sender)
        else:
            await _refuse(scope, receive, sender)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, session: Session) -> None:
        if scope["type"] == "websocket":
            watch = Watch(session.session, self._sessions.is_live, self._sessions.touch)
            await watch.over(self._app, scope, receive, send)
        else:
            await anyio.to_thread.run_sync(self._sessions.touch, session.session)
            await self._app(scope, receive, send)

    async def _session(self, scope: Scope) -> Session | None:
        called = cookie.name(secure=cookie.is_secure(scope))
        token = cookie.read(Headers(scope=scope).get("cookie", ""), called)
        if not token:
            return None
        return await anyio.to_thread.run_sync(self._sessions.session_of, token)


def is_public(path: str) -> bool:
    """Whether a path needs no session; what is written in a strange way never does without."""
    if any(trick in path for trick in _TRICKS):
        return False
    return path in PUBLIC or path.startswith(PUBLIC_FOLDERS)


def _stripped(scope: Scope) -> Scope:
    headers = [pair for pair in scope["headers"] if not pair[0].lower().startswith(_RESERVED)]
    return {**scope, "headers": headers}


def _securing(send: Send) -> Send:
    async def secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY.items():
                headers.setdefault(name, value)
        await send(message)

    return secured


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4401, "reason": "sign in first"})
        return
    # Streamlit probes paths below the page for its base path: it wants a no, not a page.
    if "/_stcore/" in scope["path"]:
        await JSONResponse({"error": "sign in first"}, 401)(scope, receive, send)
        return
    if scope["method"] != "GET":
        await RedirectResponse("/login", 303)(scope, receive, send)
        return
    query = scope.get("query_string", b"").decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    await RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)(scope, receive, send)
