"""No body that is larger than its route takes is read, whatever its headers say."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from delivery.api.problems import Kind, ProblemError
from delivery.files import MOST

MEGABYTE = 1024 * 1024
MAX_BODY = MEGABYTE
"""Most bytes of a body, unless its route takes more."""
MAX_LIST = 100 * MEGABYTE
"""Most bytes of a list of people: some millions of ids, or a million addresses."""
_LARGER = {
    re.compile(r"/v1/files/.+"): MOST,
    re.compile(r"/v1/audiences/[^/]+/members"): MAX_LIST,
}


def most(method: str, path: str) -> int:
    """Most bytes of the body of a request."""
    if method != "PUT":
        return MAX_BODY
    return next((size for route, size in _LARGER.items() if route.fullmatch(path)), MAX_BODY)


class BodyLimit:
    """Ends a request with 413 where its body is read, so that the answer is a problem like any."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read, declared = 0, _declared(scope)
        limit = most(scope["method"], scope["path"])

        async def counting() -> Message:
            nonlocal read
            if declared > limit:
                raise _too_large(limit)
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, counting, send)


def _too_large(limit: int) -> ProblemError:
    return ProblemError(Kind.TOO_LARGE, f"At most {limit // MEGABYTE} MB are read here.")


def _declared(scope: Scope) -> int:
    """What `Content-Length` says; the server has checked that it is a number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)
