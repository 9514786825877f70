"""`/v1/feed`: what a front end sees, and how it keeps up."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from httpx import Response

from delivery.api.access import feed_token
from models.queries.people import feed
from models.queries.routing import EVERYWHERE
from tests.edge import Edge, edge_on
from tests.integration.test_feed import tell


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url) as edge:
        edge.http.headers["Authorization"] = await holder(edge, "anna")
        yield edge


async def holder(edge: Edge, recipient: str) -> str:
    now = await edge.database.tell_time()
    token = feed_token(edge.app.state.edge, recipient, now, now + timedelta(hours=1))
    return f"Bearer {token}"


async def read(edge: Edge, **parameters: int) -> dict:
    response = await edge.http.get("/v1/feed", params=parameters)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    return response.json()


async def mark(edge: Edge, what: str, **which: object) -> dict:
    response = await edge.http.post(f"/v1/feed/{what}", json=which)
    assert response.status_code == 200
    return response.json()


async def test_nobodys_feed_is_empty(edge: Edge):
    assert await read(edge) == {
        "items": [], "change": 0, "more": False, "unseen": 0, "unread": 0
    }  # fmt: skip
    assert (await mark(edge, "seen", all=True))["changed"] == 0


async def test_lists_the_newest_first_page_by_page(edge: Edge):
    await tell(edge.database, "anna", 7)
    first = await read(edge, limit=3)
    assert [item["seq"] for item in first["items"]] == [7, 6, 5]
    assert first["more"]
    second = await read(edge, limit=3, before=5)
    assert [item["seq"] for item in second["items"]] == [4, 3, 2]
    last = await read(edge, limit=3, before=2)
    assert [item["seq"] for item in last["items"]] == [1]
    assert not last["more"]
    assert first["items"][0]["title"] == "Item 7"


async def test_counts_what_was_not_seen_and_not_read(edge: Edge):
    await tell(edge.database, "anna", 4)
    ids = [item["id"] for item in (await read(edge))["items"]]
    assert (await mark(edge, "seen", up_to=3))["unseen"] == 1
    marked = await mark(edge, "read", ids=ids[:1])
    assert (marked["changed"], marked["unseen"], marked["unread"]) == (1, 0, 3)
    await mark(edge, "archive", ids=ids[1:3])
    told = await read(edge)
    assert (told["unseen"], told["unread"], len(told["items"])) == (0, 1, 2)


async def test_a_mark_made_twice_changes_once(edge: Edge):
    await tell(edge.database, "anna", 2)
    first, second = await mark(edge, "read", all=True), await mark(edge, "read", all=True)
    assert (first["changed"], second["changed"]) == (2, 0)
    assert first["change"] == second["change"] == 4


async def test_tells_what_changed_since(edge: Edge):
    await tell(edge.database, "anna", 3)
    known = (await read(edge))["change"]
    assert (await read(edge, after=known))["items"] == []
    await mark(edge, "read", up_to=1)
    await mark(edge, "archive", up_to=1)
    await tell(edge.database, "anna", 1)
    told = await read(edge, after=known)
    assert [item["seq"] for item in told["items"]] == [1, 4]
    assert told["items"][0]["archived_at"] is not None
    assert told["change"] == 6
    assert (await read(edge, after=told["change"]))["items"] == []


async def test_tells_many_changes_in_stretches(edge: Edge):
    await tell(edge.database, "anna", 5)
    seen, after = [], 0
    while True:
        told = await read(edge, after=after, limit=2)
        seen += [item["seq"] for item in told["items"]]
        after = told["change"]
        if not told["more"]:
            break
    assert seen == [1, 2, 3, 4, 5]


async def test_who_comes_from_too_far_back_begins_anew(edge: Edge):
    await tell(edge.database, "anna", 3)
    await mark(edge, "archive", up_to=1)
    await edge.change(
        "UPDATE inbox SET archived_at = archived_at - interval '31 d' WHERE archived_at IS NOT NULL"
    )
    before = await edge.database.tell_time() - timedelta(days=30)
    async with edge.database.begin() as tx:
        for statement in feed.purge(EVERYWHERE, before, 100):
            await tx.run(statement)
    response = await edge.http.get("/v1/feed", params={"after": 3})
    assert response.status_code == 410
    assert response.json()["type"] == "/docs#reset"
    assert "anew" in response.json()["detail"]
    assert [item["seq"] for item in (await read(edge))["items"]] == [3, 2]
    assert (await read(edge, after=4))["items"] == []
    assert len((await read(edge, after=0))["items"]) == 2, "who knows nothing misses nothing"


async def test_who_comes_from_the_future_begins_anew(edge: Edge):
    """After a restore of the database, change numbers are given out again."""
    await tell(edge.database, "anna", 1)
    assert (await edge.http.get("/v1/feed", params={"after": 9})).status_code == 410


async def test_shows_and_marks_nobody_elses_items(edge: Edge):
    await tell(edge.database, "anna", 1)
    [item] = (await read(edge))["items"]
    edge.http.headers["Authorization"] = await holder(edge, "bo")
    assert (await read(edge))["items"] == []
    assert (await mark(edge, "archive", ids=[item["id"]]))["changed"] == 0
    edge.http.headers["Authorization"] = await holder(edge, "anna")
    assert len((await read(edge))["items"]) == 1


@pytest.mark.parametrize(
    "which",
    [
        {},
        {"all": False},
        {"ids": [], "all": True},
        {"ids": ["not an id"]},
        {"up_to": -1},
        {"up_to": 2**63},
        {"upto": 3},
        {"ids": ["00000000-0000-0000-0000-000000000000"] * 1001},
    ],
)
async def test_refuses_marks_that_say_not_which(edge: Edge, which: dict[str, object]):
    response: Response = await edge.http.post("/v1/feed/read", json=which)
    assert response.status_code == 422
    assert response.json()["errors"]


@pytest.mark.parametrize(
    "parameters", [{"limit": 0}, {"limit": 201}, {"after": -1}, {"before": "x"}, {"after": 2**63}]
)
async def test_refuses_pages_that_cannot_be(edge: Edge, parameters: dict[str, object]):
    response = await edge.http.get("/v1/feed", params=parameters)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"].startswith("query: ")


async def test_a_broken_body_says_where(edge: Edge):
    response = await edge.http.post(
        "/v1/feed/seen", content=b'{"all": tru}', headers={"content-type": "application/json"}
    )
    assert response.status_code == 400
    assert "character" in response.json()["detail"]
