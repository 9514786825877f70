"""An Idempotency-Key: posted as often as one likes, taken once."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

from httpx import Response

from models.queries.configuring.keys import Scope
from tests.edge import Edge, served
from tests.integration.api.test_api_events import EVENT, outbox, post


async def test_the_same_key_and_body_answer_the_same_id(edge: Edge, producer: dict[str, str]):
    first = await post(edge, producer, idempotency_key="order-1")
    again = await post(edge, producer, dict(reversed(EVENT.items())), idempotency_key="order-1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    [row] = await outbox(edge)
    assert row["dedup_key"] == "order-1"


async def test_the_same_key_in_the_body_is_the_same_key(edge: Edge, producer: dict[str, str]):
    first = await post(edge, producer, idempotency_key="order-1")
    again = await post(edge, producer, {**EVENT, "dedup_key": "order-1"})
    assert first.json() == again.json()


async def test_the_same_key_with_another_body_is_refused(edge: Edge, producer: dict[str, str]):
    await post(edge, producer, idempotency_key="order-1")
    response = await post(
        edge, producer, {**EVENT, "recipients": ["eve"]}, idempotency_key="order-1"
    )
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == "/docs#key-reused"
    assert "new key" in problem["detail"]
    assert len(await outbox(edge)) == 1


async def test_two_keys_that_differ_are_refused(edge: Edge, producer: dict[str, str]):
    response = await post(edge, producer, {**EVENT, "dedup_key": "a"}, idempotency_key="b")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/dedup_key"


async def test_a_key_belongs_to_its_source(edge: Edge, producer: dict[str, str]):
    other = await edge.bearer(Scope.EVENTS_WRITE, source="forum")
    first = await post(edge, producer, idempotency_key="1")
    second = await post(edge, other, {**EVENT, "recipients": ["eve"]}, idempotency_key="1")
    assert second.status_code == 202
    assert first.json() != second.json()


async def test_without_a_key_every_post_is_an_event(edge: Edge, producer: dict[str, str]):
    await post(edge, producer)
    await post(edge, producer)
    assert len(await outbox(edge)) == 2


async def test_many_at_once_with_one_key_write_one_row(edge: Edge, producer: dict[str, str]):
    async with served(edge.app) as base:
        answers = await asyncio.gather(
            *(
                edge_post(base, {**producer, "idempotency-key": "rush"}, json.dumps(EVENT).encode())
                for _ in range(20)
            )
        )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["outbox_id"] for answer in answers}) == 1
    assert len(await outbox(edge)) == 1


async def edge_post(base: str, headers: dict[str, str], content: bytes) -> Response:
    from httpx import AsyncClient  # noqa: PLC0415 - a client of its own, as a producer has

    async with AsyncClient(base_url=base, timeout=30) as http:
        return await http.post(
            "/v1/events", content=content, headers={"content-type": "application/json", **headers}
        )


async def test_many_bodies_at_once_under_one_key_have_one_winner(
    edge: Edge, producer: dict[str, str]
):
    answers = await asyncio.gather(
        *(
            post(edge, producer, {**EVENT, "data": {"n": n}}, idempotency_key="rush")
            for n in range(12)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 11
    assert len(await outbox(edge)) == 1


async def test_an_expired_key_is_taken_over_by_a_new_event(edge: Edge, producer: dict[str, str]):
    first = await post(edge, producer, idempotency_key="daily")
    await edge.change("UPDATE idempotency SET expires_at = now() - interval '1 s'")
    second = await post(edge, producer, {**EVENT, "data": {"day": 2}}, idempotency_key="daily")
    assert second.status_code == 202
    assert second.json() != first.json()
    assert len(await outbox(edge)) == 2


async def test_the_same_body_after_the_window_is_a_new_event(edge: Edge, producer: dict[str, str]):
    """Planning knows an outbox id for 35 days: the same id again would be lost as a replay."""
    first = await post(edge, producer, idempotency_key="daily")
    await edge.change("DELETE FROM idempotency")
    second = await post(edge, producer, idempotency_key="daily")
    assert second.json() != first.json()
    assert len(await outbox(edge)) == 2


async def test_a_key_is_taken_for_the_window_of_its_topic(edge: Edge, producer: dict[str, str]):
    await edge.change(
        """
        INSERT INTO topics (topic, title, category, class, dedup_window, mandatory, sensitive,
                            updated_at)
        VALUES ('board.shared', 'Shared', 'boards', 'transactional', '1 hour', false, false, now())
        """
    )
    await post(edge, producer, idempotency_key="known")
    await post(edge, producer, {**EVENT, "topic": "unheard.of"}, idempotency_key="unknown")
    ends = dict(await edge.select("SELECT key, expires_at - now() FROM idempotency"))
    assert timedelta(minutes=59) < ends["known"] <= timedelta(hours=1)
    assert timedelta(days=6, hours=23) < ends["unknown"] <= timedelta(days=7)


async def test_a_crash_before_the_commit_leaves_nothing(edge: Edge, producer: dict[str, str]):
    """The claim of the key and the row stand or fall together."""
    await edge.change(
        """
        CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE 'disk full' USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER broken BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION broken()
        """
    )
    response = await post(edge, producer, idempotency_key="1")
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert await edge.select("SELECT * FROM idempotency") == []
    await edge.change("DROP TRIGGER broken ON outbox")
    assert (await post(edge, producer, idempotency_key="1")).status_code == 202
    assert len(await outbox(edge)) == 1


async def test_a_claim_without_its_row_is_made_whole(edge: Edge, producer: dict[str, str]):
    """On Citus a crash may commit the claim alone: posting again writes the row it promised."""
    first = await post(edge, producer, idempotency_key="1")
    await edge.change("DELETE FROM outbox")
    again = await post(edge, producer, idempotency_key="1")
    assert again.json() == first.json()
    [row] = await outbox(edge)
    assert row["id"] == UUID(first.json()["outbox_id"])
