"""Lets nobody in who is not signed in: HTTP and the websocket, where the console lives.

Pure ASGI, because Starlette's middleware base class never sees a websocket. The person is looked
up at each request, so closing somebody's access works at once for whatever they open next.
"""

from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.door import cookie
from dashboard.door.headers import SECURITY

PERSON = "x-tidings-person"
"""The header the console's pages take the person from; never believed from outside."""
_RESERVED = b"x-tidings-"

PUBLIC = ("/login", "/logout", "/healthz", "/static/", "/app/static/", "/_stcore/health")
"""What one may see without being signed in: no page here shows data."""


class Gate:
    """The middleware around everything the console serves.

    Args:
        app: What is behind it.
        secret: Gives the key that signs cookies.
        is_open: Whether a person may (still) come in; asks the database.
    """

    def __init__(
        self, app: ASGIApp, secret: Callable[[], bytes], is_open: Callable[[UUID], bool]
    ) -> None:
        self._app = app
        self._secret = secret
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with the person's id in a header, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        scope, sender = _stripped(scope), _securing(send)
        if scope["path"].startswith(PUBLIC):
            await self._app(scope, receive, sender)
        elif person := await self._person(scope):
            scope["headers"].append((PERSON.encode(), str(person).encode()))
            await self._app(scope, receive, sender)
        else:
            await _refuse(scope, receive, sender)

    async def _person(self, scope: Scope) -> UUID | None:
        person = cookie.read(Headers(scope=scope).get("cookie", ""), self._secret())
        if person is None:
            return None
        return person if await anyio.to_thread.run_sync(self._is_open, person) else None


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
    query = scope.get("query_string", b"").decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    await RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)(scope, receive, send)
