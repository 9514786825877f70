"""Who comes in: keys of producers, tokens of feeds."""

import json
from datetime import timedelta

import jwt
import pytest

from delivery.api.access import feed_key
from models.database import Database
from models.queries.configuring import keys
from models.queries.configuring.keys import Scope
from tests.edge import SECRET, Edge, edge_on

EVENT = {"topic": "board.shared", "recipients": ["anna"]}


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
