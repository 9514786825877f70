"""From a post to the plan to the feed, with the real ticks in between; and back by asking."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from models.queries.configuring.keys import Scope
from tests.edge import Edge, edge_on
from tests.pipeline import Pipeline

EVENT = {"topic": "board.shared", "recipients": ["anna"], "data": {"board": "Roadmap"}}


@pytest.fixture
async def edge(pipeline: Pipeline) -> AsyncIterator[Edge]:
    await pipeline.topic()
    pipeline.people("anna")
    async with edge_on(pipeline.url) as edge:
        edge.http.headers.update(await edge.bearer(Scope.EVENTS_WRITE))
        yield edge


async def post(edge: Edge, key: str | None = None, **change: object) -> str:
    headers = {} if key is None else {"Idempotency-Key": key}
    response = await edge.http.post("/v1/events", json={**EVENT, **change}, headers=headers)
    assert response.status_code == 202
    return str(response.json()["outbox_id"])


async def progress(edge: Edge, outbox_id: str) -> dict:
    return (await edge.http.get(f"/v1/events/{outbox_id}")).json()


async def test_a_posted_event_reaches_the_feed(edge: Edge, pipeline: Pipeline):
    outbox_id = await post(edge)
    assert await progress(edge, outbox_id) == {"outbox_id": outbox_id, "state": "waiting"}
    await pipeline.plan()
    await pipeline.feed()
    told = await progress(edge, outbox_id)
    assert (told["state"], told["recipients"], told["duplicates"]) == ("planned", 1, 0)
    maker = await edge.bearer(Scope.FEED_TOKEN)
    made = await edge.http.post("/v1/feed/token", json={"recipient_id": "anna"}, headers=maker)
    reader = {"Authorization": f"Bearer {made.json()['token']}"}
    feed = (await edge.http.get("/v1/feed", headers=reader)).json()
    assert [item["body"] for item in feed["items"]] == ["Anna sees Roadmap"]
    assert feed["unseen"] == 1


async def test_tells_why_an_event_was_rejected(edge: Edge, pipeline: Pipeline):
    unknown = await post(edge, topic="tpyo")
    unstorable = await post(edge, data={"board": "a\0b"})
    await pipeline.plan()
    told = await progress(edge, unknown)
    assert (told["state"], told["reason"]) == ("rejected", "unknown_topic")
    assert "tpyo" in told["detail"]
    told = await progress(edge, unstorable)
    assert (told["state"], told["reason"]) == ("rejected", "unstorable")
    assert "/data/board" in told["detail"]


async def test_posting_again_after_planning_changes_nothing(edge: Edge, pipeline: Pipeline):
    first = await post(edge, "1")
    await pipeline.plan()
    assert await post(edge, "1") == first
    await pipeline.plan()
    assert (await progress(edge, first))["duplicates"] == 0
    [[events]] = await edge.select("SELECT count(*) FROM events")
    assert events == 1


async def test_tells_of_which_event_one_is_a_duplicate(edge: Edge, pipeline: Pipeline):
    first = await post(edge, "1")
    await edge.change("DELETE FROM idempotency")  # as if it had been swept a little early
    second = await post(edge, "1")
    await pipeline.plan()
    original = await progress(edge, first)
    assert (original["state"], original["duplicates"]) == ("planned", 1)
    assert await progress(edge, second) == {
        "outbox_id": second,
        "state": "duplicate",
        "event_id": original["event_id"],
    }


async def test_the_same_post_after_its_window_is_a_new_event(edge: Edge, pipeline: Pipeline):
    """Not a replay of the old row, whose id planning knows for 35 days."""
    await pipeline.topic(dedup_window=timedelta(hours=1))
    first = await post(edge, "daily")
    await pipeline.plan()
    await edge.change("UPDATE idempotency SET expires_at = now() - interval '1 s'")
    await edge.change(
        "UPDATE event_keys SET expires_at = now() - interval '1 s' WHERE key LIKE 'k:%'"
    )
    second = await post(edge, "daily")
    await pipeline.plan()
    assert second != first
    assert (await progress(edge, second))["state"] == "planned"


async def test_a_rejected_event_frees_its_key_for_another_body(edge: Edge, pipeline: Pipeline):
    first = await post(edge, "1", topic="tpyo")
    assert await post(edge, "1", topic="tpyo") == first
    early = await edge.http.post("/v1/events", json=EVENT, headers={"Idempotency-Key": "1"})
    assert early.status_code == 409
    await pipeline.plan()
    assert await post(edge, "1", topic="tpyo") == first
    mended = await post(edge, "1")
    assert mended != first
    assert await post(edge, "1") == mended
    await pipeline.plan()
    assert (await progress(edge, mended))["state"] == "planned"


async def test_tells_other_sources_nothing(edge: Edge, pipeline: Pipeline):
    outbox_id = await post(edge)
    stranger = await edge.bearer(Scope.EVENTS_WRITE, source="forum")
    for _ in range(2):
        response = await edge.http.get(f"/v1/events/{outbox_id}", headers=stranger)
        assert response.status_code == 404
        await pipeline.plan()


async def test_sources_that_only_post_are_not_drained_twice(edge: Edge, pipeline: Pipeline):
    """A row written in SQL belongs to our own source, whatever else is known to lie here."""
    await pipeline.plan()
    row = pipeline.emit(dedup_key="k")
    await pipeline.plan()
    [[named]] = await edge.select(
        "SELECT s.name FROM events e JOIN sources s USING (source) WHERE outbox_id = :row", row=row
    )
    assert named != "shop"
