"""`/v1/events`: what is taken as it is, and what is refused as no event at all."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import psycopg
import pytest
from httpx import Response

from tests.edge import Edge

EVENT = {"topic": "board.shared", "recipients": ["anna", "bo"], "data": {"board": "Roadmap"}}


async def post(edge: Edge, producer: dict[str, str], body: object = EVENT, **more: str) -> Response:
    headers = {**producer, **{name.replace("_", "-"): value for name, value in more.items()}}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers.setdefault("content-type", "application/json")
    return await edge.http.post("/v1/events", content=content, headers=headers)


async def outbox(edge: Edge) -> list[dict[str, object]]:
    found = await edge.select("SELECT * FROM outbox ORDER BY created_at")
    return [row._asdict() for row in found]


async def test_writes_every_field_into_the_outbox(edge: Edge, producer: dict[str, str]):
    event = {
        **EVENT,
        "dedup_key": "k1",
        "actor": "mark",
        "thread": "board:42",
        "priority": 5,
        "not_before": "2027-01-01T00:00:00+02:00",
        "expires_at": "2027-01-02T00:00:00Z",
        "tags": ["weekly"],
        "locale": "de",
        "tenant": "acme",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "test": True,
    }
    response = await post(edge, producer, event)
    assert response.status_code == 202
    [row] = await outbox(edge)
    assert row["id"] == UUID(response.json()["outbox_id"])
    for name, value in event.items():
        stored = row[name]
        if isinstance(stored, datetime):
            assert stored == datetime.fromisoformat(str(value))
        else:
            assert stored == value, name
    [[source]] = await edge.select("SELECT source FROM sources WHERE name = 'shop'")
    assert row["source"] == source
    assert row["problem"] is None


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "\udc00"])
async def test_accepts_what_cannot_be_stored_as_an_event_to_reject(
    edge: Edge, producer: dict[str, str], text: str
):
    event = {**EVENT, "actor": text, "data": {"list": [{"deep": text}], text: 1}}
    response = await post(edge, producer, event)
    assert response.status_code == 202
    [row] = await outbox(edge)
    escaped = text.encode("unicode_escape").decode().replace(r"\x00", r"\u0000")
    assert row["actor"] == escaped
    assert row["data"] == {"list": [{"deep": escaped}], escaped: 1}
    assert "/actor" in str(row["problem"])
    assert "/data/list/0/deep" in str(row["problem"])


async def test_accepts_a_key_that_cannot_be_stored(edge: Edge, producer: dict[str, str]):
    first = await post(edge, producer, {**EVENT, "dedup_key": "a\0b"})
    again = await post(edge, producer, {**EVENT, "dedup_key": "a\0b"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    [row] = await outbox(edge)
    assert row["dedup_key"] == r"a\u0000b"
    assert row["problem"]


async def test_accepts_a_header_key_that_is_not_utf8(edge: Edge, producer: dict[str, str]):
    headers = {**producer, "idempotency-key": b"caf\xe9", "content-type": "application/json"}
    response = await edge.http.post("/v1/events", json=EVENT, headers=headers)
    assert response.status_code == 202
    [row] = await outbox(edge)
    assert row["dedup_key"] == r"caf\udce9"
    assert row["problem"]


async def test_reads_a_header_key_as_utf8(edge: Edge, producer: dict[str, str]):
    headers = {**producer, "idempotency-key": "café".encode(), "content-type": "application/json"}
    await edge.http.post("/v1/events", json=EVENT, headers=headers)
    [row] = await outbox(edge)
    assert (row["dedup_key"], row["problem"]) == ("café", None)


@pytest.mark.parametrize(
    ("change", "pointer", "says"),
    [
        ({"topic": None}, "/topic", "string"),
        ({"topic": 7}, "/topic", "string"),
        ({"recipients": "anna"}, "/recipients", "list"),
        ({"recipients": ["anna", 7]}, "/recipients/1", "string"),
        ({"priority": "high"}, "/priority", "integer"),
        ({"priority": True}, "/priority", "integer"),
        ({"priority": 10}, "/priority", "less than or equal to 9"),
        ({"not_before": "tomorrow"}, "/not_before", "with an offset"),
        ({"not_before": "2027-01-01T00:00:00"}, "/not_before", "with an offset"),
        ({"expires_at": 1767225600}, "/expires_at", "datetime"),
        ({"expires_at": "9999-12-31T23:59:59-12:00"}, "/expires_at", "offset"),
        ({"test": "yes"}, "/test", "boolean"),
        ({"recipient": ["anna"]}, "/recipient", "did you mean recipients?"),
        ({"a/b~c": 1}, "/a~1b~0c", "no such field"),
        ({"dedup_key": "k" * 401}, "/dedup_key", "400"),
        ({"dedup_key": ""}, "/dedup_key", "at least 1"),
    ],
)
async def test_refuses_wrong_types_and_unknown_fields_where_they_are(
    edge: Edge, producer: dict[str, str], change: dict[str, object], pointer: str, says: str
):
    response = await post(edge, producer, {**EVENT, **change})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    [error] = response.json()["errors"]
    assert error["pointer"] == pointer
    assert says in error["detail"]
    assert await outbox(edge) == []


@pytest.mark.parametrize("change", [{"topic": "unheard.of"}, {"recipients": []}, {"audience": "a"}])
async def test_leaves_judgement_to_planning(
    edge: Edge, producer: dict[str, str], change: dict[str, object]
):
    assert (await post(edge, producer, {**EVENT, **change})).status_code == 202


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "Expecting value at line 1, column 1"),
        (b'{"topic": ', "at line 1, column 11"),
        (b'{"topic": NaN}', "NaN is not JSON"),
        (b'{"data": 1e999}', "too large"),
        (b'{"data": ' + b"9" * 5000 + b"}", "digit"),
        (b'{"topic": "\xff"}', "Byte 11 is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
async def test_refuses_what_is_not_json_and_says_where(
    edge: Edge, producer: dict[str, str], body: bytes, says: str
):
    response = await post(edge, producer, body)
    assert response.status_code == 400
    assert says in response.json()["detail"]


@pytest.mark.parametrize("body", [b"[]", b"7", b"null", b'"text"'])
async def test_refuses_json_that_is_no_object(edge: Edge, producer: dict[str, str], body: bytes):
    assert (await post(edge, producer, body, idempotency_key="1")).status_code == 422


async def test_refuses_what_is_nested_beyond_reason(edge: Edge, producer: dict[str, str]):
    data: list[object] = []
    for _ in range(150):
        data = [data]
    response = await post(edge, producer, {**EVENT, "data": data})
    assert response.status_code == 422
    assert "100 levels" in response.json()["errors"][0]["detail"]


async def test_refuses_a_body_over_a_megabyte(edge: Edge, producer: dict[str, str]):
    response = await post(edge, producer, {**EVENT, "data": {"blob": "x" * 1024 * 1024}})
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert "1 MB" in response.json()["detail"]


async def test_refuses_an_endless_body(edge: Edge, producer: dict[str, str]):
    async def forever() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65536

    headers = {**producer, "content-type": "application/json"}
    response = await edge.http.post("/v1/events", content=forever(), headers=headers)
    assert response.status_code == 413


async def test_takes_a_body_of_just_under_a_megabyte(edge: Edge, producer: dict[str, str]):
    response = await post(edge, producer, {**EVENT, "data": {"blob": "x" * (1024 * 1024 - 200)}})
    assert response.status_code == 202


@pytest.mark.parametrize("media_type", ["text/plain", "application/cloudevents-batch+json"])
async def test_refuses_other_media_types(edge: Edge, producer: dict[str, str], media_type: str):
    response = await post(edge, producer, EVENT, content_type=media_type)
    assert response.status_code == 415
    assert media_type in response.json()["detail"]


async def test_wakes_the_planners_once_for_many_events(
    edge: Edge, producer: dict[str, str], database_url: str
):
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute("LISTEN tidings_outbox")
        await asyncio.gather(*(post(edge, producer) for _ in range(50)))
        await asyncio.sleep(0.1)
        heard = list(listener.notifies(timeout=0.1))
    assert 1 <= len(heard) <= 25
    assert len(await outbox(edge)) == 50


async def test_a_lost_wake_up_loses_no_event(edge: Edge, producer: dict[str, str]):
    assert (await post(edge, producer)).status_code == 202
    await edge.app.state.edge.nudge.close()
    assert (await post(edge, producer)).status_code == 202
    assert len(await outbox(edge)) == 2
