"""One line and one measurement for each request: no bodies, no addresses, no tokens."""

import os
import re
import time
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SANE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

log = structlog.get_logger("access")


class Measures:
    """What `/metrics` shows of one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.choices = Counter(
            "tidings_choices",
            "Choices of recipients that changed something, by the way they came.",
            ["via"],
            registry=self.registry,
        )
        self.requests = Counter(
            "tidings_http_requests",
            "Requests by method, route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "tidings_http_request_seconds",
            "Time to the last byte of the answer.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.lost = Gauge(
            "tidings_engagement_lost",
            "Opens and clicks that were not counted because the database was away for long.",
            registry=self.registry,
        )


class Journal:
    """Names each request, times it, and writes it down by its route: paths hold ids and tokens."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, noting)
            finally:
                self._note(scope, status, time.perf_counter() - started)
                structlog.contextvars.unbind_contextvars("key", "source")

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = _method(scope), _route(scope)
        self._measures.requests.labels(method, route, str(status)).inc()
        self._measures.seconds.labels(method, route).observe(seconds)
        log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _request_id(scope: Scope) -> str:
    """The caller's `X-Request-ID` when it is harmless, else one of ours."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE.fullmatch(value.decode("latin-1")):
            return str(value.decode("latin-1"))
    return os.urandom(8).hex()


_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}


def _method(scope: Scope) -> str:
    """The method, or `OTHER`: callers must not be able to make up labels."""
    return scope["method"] if scope["method"] in _METHODS else "OTHER"


def _route(scope: Scope) -> str:
    route: Any = scope.get("route")
    return getattr(route, "path", None) or "unmatched"
