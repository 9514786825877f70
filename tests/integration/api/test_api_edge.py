"""What every route has in common: health, problems, logs, metrics, documentation, origins."""

import json
import re

import jwt
import pytest
import structlog
from httpx import AsyncClient

from delivery.api.access import feed_key
from models.queries.configuring.keys import Scope
from tests.edge import SECRET, Edge, edge_on, served
from tests.integration.api.test_api_access import token_for

EVENT = {"topic": "board.shared", "recipients": ["anna"]}


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
    assert "tidings_approvals_waiting 0.0\n" in text
    assert "tidings_console_sessions 0.0\n" in text
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
