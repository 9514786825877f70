"""The way to the OpenID provider and back."""

from dataclasses import asdict

import anyio
import anyio.to_thread
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard import settings
from dashboard.changing import entering
from dashboard.door import cookie, oidc
from dashboard.door.oidc import Flow, OidcError
from dashboard.door.onward import safe_next
from dashboard.door.pages import alert, page
from dashboard.door.signin import let_in
from dashboard.door.visitor import visitor
from models.people import Method, SignIn

_FLOW = "tidings_oidc"
_LASTS = 600
"""Seconds that somebody may take at the provider."""
_AT_ONCE = anyio.CapacityLimiter(4)
"""Browsers for which the provider is asked at the same time: a slow one holds nobody else up."""
_FAILED = "You were not signed in"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret(), salt="tidings.console.oidc")


async def leave_for(request: Request) -> Response:
    """Send the browser to the provider."""
    door = settings.door()
    if not door.oidc_issuer:
        return RedirectResponse("/login", 303)
    flow = oidc.new_flow(safe_next(request.query_params.get("next", "/")))
    try:
        url = await anyio.to_thread.run_sync(oidc.way_out, door, flow, limiter=_AT_ONCE)
    except OidcError as error:
        return _failed(request, error)
    answer = RedirectResponse(url, 303)
    secure = cookie.is_secure(request.scope)
    answer.set_cookie(
        cookie.name(secure=secure, of=_FLOW),
        str(_signer().dumps(asdict(flow))),
        max_age=_LASTS,
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return answer


async def come_back(request: Request) -> Response:
    """Sign in who comes back from the provider."""
    asked = request.query_params
    secure = cookie.is_secure(request.scope)
    called = cookie.name(secure=secure, of=_FLOW)
    try:
        flow = _flow(cookie.read(request.headers.get("cookie", ""), called))
        state, code = asked.get("state", ""), asked.get("code", "")
        who = await anyio.to_thread.run_sync(
            oidc.identity, settings.door(), flow, state, code, limiter=_AT_ONCE
        )
        token = await anyio.to_thread.run_sync(entering.by_oidc, who, visitor(request))
    except OidcError as error:
        await anyio.to_thread.run_sync(entering.counted, Method.OIDC, SignIn.REFUSED)
        return _failed(request, error)
    answer = let_in(request, token, flow.onward)
    answer.delete_cookie(called, httponly=True, samesite="lax", secure=secure)
    return answer


def _flow(value: str) -> Flow:
    try:
        return Flow(**_signer().loads(value, max_age=_LASTS))
    except BadSignature as error:
        raise OidcError("This browser did not ask for it, or too long ago.") from error


def _failed(request: Request, error: OidcError) -> Response:
    body = alert(str(error)) + '<p><a href="/login">To the sign-in page</a></p>'
    return page(request, _FAILED, body, 403)


ROUTES = [
    Route("/login/oidc", leave_for, methods=["GET"]),
    Route("/login/oidc/back", come_back, methods=["GET"]),
]
