"""Routes of the console behind its gate, without a server."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from dashboard import settings
from dashboard.app import SESSIONS
from dashboard.door.gate import Gate
from tests.console_visitor import COOKIE
from tests.factories import rows


def fetched(routes: Sequence[Route], path: str, by: UUID | None) -> httpx.Response:
    """What somebody gets who has just signed in; `None`: who has not."""
    if by is None:
        return asyncio.run(answered(routes, path, ""))
    with rows(settings.database_url()) as make:
        session = make.session(by)
    return asyncio.run(answered(routes, path, session))


async def answered(routes: Sequence[Route], path: str, session: str) -> httpx.Response:
    """The same with the token of a session, which may be none."""
    transport = httpx.ASGITransport(Gate(Starlette(routes=routes), SESSIONS))
    header = {"cookie": f"{COOKIE}={session}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
        return await client.get(path, headers=header)
