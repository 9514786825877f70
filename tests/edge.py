"""The HTTP edge on a test's own database, called in this process or through a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from delivery.api.amazon import Get, get
from delivery.api.app import build_app
from delivery.settings import DeliverySettings
from models.database import Database
from models.queries.configuring import keys
from models.queries.configuring.keys import NewKey, Scope
from models.query import rows, sql

SECRET = b"a secret of the installation, long enough"


@dataclass
class Edge:
    """An app, a client of it, and its database."""

    app: FastAPI
    http: AsyncClient
    database: Database

    async def key(self, *scopes: Scope, source: str = "shop") -> str:
        """A new API key of a source."""
        secret = keys.make_secret()
        now = await self.database.tell_time()
        async with self.database.begin() as tx:
            await tx.run(keys.add_api_source(source, now))
            found = await tx.run(keys.source_named(source))
            assert found is not None
            await tx.run(keys.add_key(NewKey(secret, "a key", found, scopes), now))
        return secret

    async def bearer(self, *scopes: Scope, source: str = "shop") -> dict[str, str]:
        """The header of a new API key."""
        return {"Authorization": f"Bearer {await self.key(*scopes, source=source)}"}

    async def select(self, statement: str, **parameters: Any) -> Sequence[Any]:
        """What is in the database."""
        async with self.database.begin() as tx:
            return await tx.run(sql(statement, rows, **parameters))

    async def change(self, statement: str, **parameters: Any) -> None:
        """Change what is in the database."""
        async with self.database.begin() as tx:
            await tx.run(sql(statement, lambda result: result.rowcount, **parameters))


class Caller:
    """A product with a key, which asks below one path."""

    def __init__(self, edge: Edge, below: str, headers: dict[str, str]) -> None:
        self.edge, self.below, self.headers = edge, below, headers

    async def ask(self, method: str, path: str = "", **said: Any) -> tuple[int, Any]:
        """The status, and what is answered."""
        headers = {**self.headers, **said.pop("headers", {})}
        url = f"{self.below}{path}"
        answer = await self.edge.http.request(method, url, headers=headers, **said)
        return answer.status_code, answer.json() if answer.content else None

    async def wants_approval(self, kind: str) -> None:
        """Let all of a kind wait for somebody."""
        said = {"lasts": "7 days", "thresholds": [{"kind": kind, "approvers": 1}]}
        await self.edge.change(
            "INSERT INTO approval_thresholds (version, document, note, published_by, published_at)"
            " VALUES (1, CAST(:said AS jsonb), '', 'ada', now())",
            said=json.dumps(said),
        )


@asynccontextmanager
async def edge_on(
    url: str, get: Get = get, key: bytes = SECRET, **settings: Any
) -> AsyncIterator[Edge]:
    """The edge, called in this process."""
    database = Database.connect(url, "tidings test")
    app = build_app(database, DeliverySettings(_env_file=None, **settings), key, get)
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://edge") as http:
        yield Edge(app, http, database)
    await app.state.edge.nudge.close()
    await app.state.edge.hits.close()
    await database.close()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """A real server in this process; its base URL."""
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await running
