"""No body over a megabyte is read, whatever its headers say."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from delivery.api.problems import Kind, ProblemError

MAX_BODY = 1024 * 1024
"""Most bytes of any body."""


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

        async def counting() -> Message:
            nonlocal read
            if declared > MAX_BODY:
                raise ProblemError(Kind.TOO_LARGE)
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY:
                raise ProblemError(Kind.TOO_LARGE)
            return message

        await self._app(scope, counting, send)


def _declared(scope: Scope) -> int:
    """What `Content-Length` says; the server has checked that it is a number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)
