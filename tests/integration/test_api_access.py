"""Who comes in, what the watchers see, and what never appears in a log."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import jwt
import pytest
import structlog
from httpx import AsyncClient

from delivery.api.access import feed_key
from models.database import Database
from models.queries import keys
from models.queries.keys import Scope
from tests.edge import SECRET, Edge, edge_on, served

EVENT = {"topic": "board.shared", "recipients": ["anna"]}


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url) as edge:
        yield edge


async def test_refuses_who_has_no_key(edge: Edge):
    response = await edge.http.post("/v1/events", json=EVENT)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("wrong", ["Bearer tid_wrong", "Bearer ", "Basic dGlkOg==", "Bearer café"])
async def test_refuses_a_wrong_key(edge: Edge, wrong: str):
    headers = {"authorization": wrong.encode()}
    assert (await edge.http.post("/v1/events", json=EVENT, headers=headers)).status_code == 401


async def test_keeps_only_the_hash_of_a_key(edge: Edge):
    secret = await edge.key(Scope.EVENTS_WRITE)
    [row] = await edge.select("SELECT CAST(k AS text) FROM api_keys k")
    assert secret not in row[0]
    assert secret.startswith("tid_")
    assert len(secret) > 40


async def test_refuses_a_key_without_the_scope(edge: Edge):
    headers = await edge.bearer(Scope.RECIPIENTS_WRITE)
    response = await edge.http.post("/v1/events", json=EVENT, headers=headers)
    assert response.status_code == 403
    assert "events:write" in response.json()["detail"]


async def test_refuses_a_revoked_key_at_once(edge: Edge):
    headers = await edge.bearer(Scope.EVENTS_WRITE)
    assert (await edge.http.post("/v1/events", json=EVENT, headers=headers)).status_code == 202
    async with edge.database.begin() as tx:
        [key] = await tx.run(keys.list_keys())
        await tx.run(keys.revoke_keys([key.key_id], await edge.database.tell_time()))
    assert (await edge.http.post("/v1/events", json=EVENT, headers=headers)).status_code == 401


async def test_refuses_an_expired_key(edge: Edge):
    headers = await edge.bearer(Scope.EVENTS_WRITE)
    await edge.change("UPDATE api_keys SET expires_at = now()")
    assert (await edge.http.post("/v1/events", json=EVENT, headers=headers)).status_code == 401


async def test_two_keys_of_a_source_share_its_idempotency_keys(edge: Edge):
    """So that a key can be rotated in the middle of retries."""
    old, new = (await edge.bearer(Scope.EVENTS_WRITE), await edge.bearer(Scope.EVENTS_WRITE))
    first, again = [
        await edge.http.post("/v1/events", json=EVENT, headers={**key, "idempotency-key": "1"})
        for key in (old, new)
    ]
    assert first.json() == again.json()


async def token_for(edge: Edge, recipient: str, **wish: object) -> str:
    headers = await edge.bearer(Scope.FEED_TOKEN)
    body = {"recipient_id": recipient, **wish}
    response = await edge.http.post("/v1/feed/token", json=body, headers=headers)
    assert response.status_code == 200
    return str(response.json()["token"])


async def read_feed(edge: Edge, token: str) -> int:
    response = await edge.http.get("/v1/feed", headers={"Authorization": f"Bearer {token}"})
    return response.status_code


async def test_a_feed_token_opens_the_feed(edge: Edge):
    assert await read_feed(edge, await token_for(edge, "anna")) == 200


async def test_a_feed_token_is_a_jwt_for_one_recipient(edge: Edge):
    token = await token_for(edge, "anna", ttl=60)
    claims = jwt.decode(token, feed_key(SECRET), ["HS256"], audience="feed")
    assert claims["sub"] == "anna"
    assert claims["exp"] - claims["iat"] == 60


async def test_a_feed_token_expires(edge: Edge):
    now = await edge.database.tell_time()
    claims = {"sub": "anna", "aud": "feed", "exp": now - timedelta(seconds=1)}
    assert await read_feed(edge, jwt.encode(claims, feed_key(SECRET), "HS256")) == 401


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"aud": "elsewhere"}, feed_key(SECRET)),
        ({"aud": None}, feed_key(SECRET)),
        ({"sub": None}, feed_key(SECRET)),
        ({"exp": None}, feed_key(SECRET)),
        ({"exp": "soon"}, feed_key(SECRET)),
        ({"exp": 10**30}, feed_key(SECRET)),
        ({"exp": 2**40}, feed_key(SECRET)),
        ({"exp": 2**31}, feed_key(SECRET)),
        ({}, SECRET),
        ({}, feed_key(b"another secret, also long enough to be safe")),
    ],
)
async def test_refuses_a_forged_or_unbounded_token(
    edge: Edge, change: dict[str, object], key: bytes
):
    now = await edge.database.tell_time()
    claims = {"sub": "anna", "aud": "feed", "exp": int(now.timestamp()) + 60, **change}
    kept = {name: value for name, value in claims.items() if value is not None}
    # PyJWT itself refuses to write an `exp` that is no number.
    token = jwt.api_jws.encode(json.dumps(kept).encode(), key, "HS256")
    assert await read_feed(edge, token) == 401


async def test_refuses_an_unsigned_token(edge: Edge):
    now = await edge.database.tell_time()
    claims = {"sub": "anna", "aud": "feed", "exp": now + timedelta(minutes=1)}
    assert await read_feed(edge, jwt.encode(claims, "", "none")) == 401


@pytest.mark.parametrize("ttl", [0, -1, 86401])
async def test_makes_no_token_for_longer_than_a_day(edge: Edge, ttl: int):
    headers = await edge.bearer(Scope.FEED_TOKEN)
    body = {"recipient_id": "anna", "ttl": ttl}
    response = await edge.http.post("/v1/feed/token", json=body, headers=headers)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/ttl"


async def test_a_feed_token_is_no_api_key(edge: Edge):
    headers = {"Authorization": f"Bearer {await token_for(edge, 'anna')}"}
    assert (await edge.http.post("/v1/events", json=EVENT, headers=headers)).status_code == 401


async def test_a_key_of_scope_feed_read_reads_any_feed(edge: Edge):
    headers = await edge.bearer(Scope.FEED_READ)
    asked = await edge.http.get("/v1/feed?recipient=anna", headers=headers)
    assert asked.status_code == 200
    assert (await edge.http.get("/v1/feed", headers=headers)).status_code == 422
    other = await edge.bearer(Scope.FEED_TOKEN)
    assert (await edge.http.get("/v1/feed?recipient=anna", headers=other)).status_code == 403


async def test_is_alive_whatever_the_database_does(edge: Edge):
    assert (await edge.http.get("/healthz")).json() == {"status": "alive"}


async def test_is_ready_when_the_schema_is_up_to_date(edge: Edge):
    response = await edge.http.get("/readyz")
    assert response.status_code == 200
    await edge.change("UPDATE alembic_version SET version_num = '0000'")
    response = await edge.http.get("/readyz")
    assert response.status_code == 503
    assert "tidings migrate" in response.json()["detail"]


async def test_is_not_ready_without_a_schema(empty_database_url: str):
    async with edge_on(empty_database_url) as edge:
        assert (await edge.http.get("/readyz")).status_code == 503


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/readyz"),
        ("POST", "/v1/events"),
        ("GET", "/v1/feed"),
        ("PUT", "/v1/recipients/anna"),
    ],
)
async def test_says_when_to_come_back_while_the_database_is_away(method: str, path: str):
    async with edge_on("postgresql://nobody@127.0.0.1:9/nothing") as edge:
        claims = {"sub": "anna", "aud": "feed", "exp": 2**31}
        token = jwt.encode(claims, feed_key(SECRET), "HS256") if "feed" in path else "tid_any"
        headers = {"Authorization": f"Bearer {token}"}
        response = await edge.http.request(method, path, headers=headers, json={})
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        assert response.headers["content-type"] == "application/problem+json"
        assert (await edge.http.get("/healthz")).status_code == 200


async def test_answers_unknown_addresses_and_methods_with_problems(edge: Edge):
    for method, path, status in [("GET", "/nowhere", 404), ("DELETE", "/v1/events", 405)]:
        response = await edge.http.request(method, path)
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == status


async def test_gives_every_answer_a_request_id(edge: Edge):
    ours = await edge.http.get("/healthz")
    assert re.fullmatch("[0-9a-f]{16}", ours.headers["x-request-id"])
    theirs = await edge.http.get("/nowhere", headers={"x-request-id": "abc-1"})
    assert theirs.headers["x-request-id"] == "abc-1"
    assert theirs.json()["request_id"] == "abc-1"
    harmful = await edge.http.get("/healthz", headers={"x-request-id": "x" * 65})
    assert harmful.headers["x-request-id"] != "x" * 65


async def test_writes_down_routes_but_no_paths_bodies_or_keys(edge: Edge):
    secret = await edge.key(Scope.RECIPIENTS_WRITE)
    body = {"addresses": [{"channel": "email", "address": "anna@example.com"}]}
    headers = {"Authorization": f"Bearer {secret}"}
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as lines:
        await edge.http.put("/v1/recipients/anna@work", json=body, headers=headers)
        await edge.http.get("/u/a-secret-token")
    [put, get] = [line for line in lines if line["event"] == "request"]
    assert put["route"] == "/v1/recipients/{recipient_id:path}"
    assert put["source"] == "shop"
    assert get["route"] == "/u/{token}"
    assert "key" not in get
    for told in ("anna", "example.com", "a-secret-token", secret):
        assert told not in str(lines)


async def test_measures_requests_by_route(edge: Edge):
    await edge.http.get("/healthz")
    await edge.http.get("/u/whatever")
    await edge.http.request("BREW", "/made/up")
    text = (await edge.http.get("/metrics")).text
    assert 'tidings_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in text
    assert 'route="/u/{token}",status="404"' in text
    assert 'method="OTHER",route="unmatched"' in text
    assert "tidings_http_request_seconds_bucket" in text
    assert "whatever" not in text


async def test_measures_requests_while_the_database_is_away():
    async with edge_on("postgresql://nobody@127.0.0.1:9/nothing") as edge:
        await edge.http.get("/readyz")
        response = await edge.http.get("/metrics")
        assert response.status_code == 200
        assert 'route="/readyz",status="503"' in response.text


async def test_the_documentation_asks_nothing_of_anybody(edge: Edge):
    response = await edge.http.get("/docs")
    assert response.status_code == 200
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", response.text) == []
    assert "<script" not in response.text
    for route in ("/v1/events", "/v1/recipients/{recipient_id}", "/v1/feed/seen", "/readyz"):
        assert route in response.text
    assert "Idempotency-Key" in response.text


async def test_every_problem_is_explained_where_it_points(edge: Edge):
    text = (await edge.http.get("/docs")).text
    problem = (await edge.http.get("/nowhere")).json()
    page, _, anchor = problem["type"].partition("#")
    assert page == "/docs"
    assert f'id="{anchor}"' in text


async def test_the_schema_is_whole(edge: Edge):
    """Every reference leads somewhere, every route says what it does."""
    schema = (await edge.http.get("/openapi.json")).json()
    text = json.dumps(schema)
    for name in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert name in schema["components"]["schemas"]
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert operation["description"]
            assert operation["tags"]


async def test_no_browser_of_another_origin_is_let_in(edge: Edge):
    headers = {"origin": "https://app.example.com", "access-control-request-method": "GET"}
    response = await edge.http.options("/v1/feed", headers=headers)
    assert "access-control-allow-origin" not in response.headers


async def test_named_origins_may_read_the_feed_and_nothing_else(database_url: str):
    origins = frozenset({"https://app.example.com"})
    async with edge_on(database_url, feed_origins=origins) as edge:
        headers = {
            "origin": "https://app.example.com",
            "access-control-request-method": "GET",
            "access-control-request-headers": "authorization",
        }
        response = await edge.http.options("/v1/feed", headers=headers)
        assert response.headers["access-control-allow-origin"] == "https://app.example.com"
        token = await token_for(edge, "anna")
        asked = await edge.http.get(
            "/v1/feed", headers={"origin": "https://app.example.com", "Authorization": "B " + token}
        )
        assert asked.headers["access-control-allow-origin"] == "https://app.example.com"
        stranger = await edge.http.options(
            "/v1/feed", headers={**headers, "origin": "https://evil.example"}
        )
        assert "access-control-allow-origin" not in stranger.headers
        events = await edge.http.options("/v1/events", headers=headers)
        assert "access-control-allow-origin" not in events.headers


async def test_serves_over_a_real_socket(edge: Edge):
    headers = await edge.bearer(Scope.EVENTS_WRITE)
    async with served(edge.app) as base, AsyncClient(base_url=base) as http:
        response = await http.post("/v1/events", json=EVENT, headers=headers)
        assert response.status_code == 202
        large = await http.post("/v1/events", content=b" " * 3_000_000, headers=headers)
        assert large.status_code == 413
        assert large.headers["content-type"] == "application/problem+json"


async def test_the_database_is_asked_for_a_key_each_time(database_url: str):
    """No cache: a revoked key opens nothing, in no process, from the next request on."""
    async with edge_on(database_url) as one, edge_on(database_url) as two:
        headers = await one.bearer(Scope.EVENTS_WRITE)
        assert (await two.http.post("/v1/events", json=EVENT, headers=headers)).status_code == 202
        await one.change("UPDATE api_keys SET revoked_at = now()")
        assert (await two.http.post("/v1/events", json=EVENT, headers=headers)).status_code == 401


async def test_a_key_is_found_only_by_all_of_it(database_url: str):
    database = Database.connect(database_url)
    async with edge_on(database_url) as edge:
        secret = await edge.key(Scope.EVENTS_WRITE)
    async with database.begin() as tx:
        assert await tx.run(keys.find_key(secret[:-1])) is None
        assert await tx.run(keys.find_key(secret + "=")) is None
        found = await tx.run(keys.find_key(secret))
        assert found is not None
        assert found.prefix == secret[:10]
    await database.close()
