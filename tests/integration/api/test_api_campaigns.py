"""Campaigns over HTTP: made, launched once, stopped; what needs approval waits for it."""

from typing import Any

import pytest

from models.queries.configuring.keys import Scope
from tests.edge import Caller, Edge
from tests.pipeline import Pipeline

SAID = {"key": "spring", "title": "Spring", "topic": "news", "recipients": ["anna"]}
ALL = (Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE, Scope.CAMPAIGNS_LAUNCH)


@pytest.fixture
async def shop(pipeline: Pipeline, edge: Edge) -> Caller:
    await pipeline.topic("news", channels=("email",), words="x")
    return Caller(edge, "/v1/campaigns", await edge.bearer(*ALL))


async def test_a_campaign_is_made_launched_once_stopped_and_told(shop: Caller):
    assert [(await shop.ask("POST", json=SAID))[0] for _ in range(2)] == [201, 200]
    assert (await shop.ask("POST", json={**SAID, "title": "Other"}))[0] == 409
    again = {"headers": {"Idempotency-Key": "one"}}
    status, told = await shop.ask("POST", "/spring/launch", **again)
    assert (status, told["state"], len(told["runs"])) == (202, "scheduled", 1)
    assert (await shop.ask("POST", "/spring/undo"))[1]["state"] == "draft"
    assert (await shop.ask("POST", "/spring/launch", **again))[1]["state"] == "draft"
    assert (await shop.ask("POST", "/spring/launch"))[1]["state"] == "scheduled"
    assert (await shop.ask("POST", "/spring/launch"))[0] == 409
    assert (await shop.ask("POST", "/spring/pause", json={"reason": "wait"}))[1]["why"] == "wait"
    assert (await shop.ask("POST", "/spring/resume"))[1]["state"] == "running"
    assert (await shop.ask("POST", "/spring/cancel", json={"reason": "no"}))[0] == 200
    assert (await shop.ask("GET", "/spring/report"))[1]["eligible"] == 0
    assert [one["key"] for one in (await shop.ask("GET"))[1]] == ["spring"]
    actors = await shop.edge.select("SELECT DISTINCT actor FROM audit")
    assert len(actors) == 1
    assert actors[0][0].startswith("key tid_")


async def test_only_the_draft_that_one_saw_is_changed(shop: Caller):
    await shop.ask("POST", json=SAID)
    changed = {**SAID, "title": "Autumn"}
    status, told = await shop.ask("PUT", "/spring", json=changed, params={"revision": 1})
    assert (status, told["title"], told["revision"]) == (200, "Autumn", 2)
    late = {**SAID, "title": "Late"}
    assert (await shop.ask("PUT", "/spring", json=late, params={"revision": 1}))[0] == 409
    await shop.ask("POST", "/spring/launch")
    assert (await shop.ask("PUT", "/spring", json=late, params={"revision": 2}))[0] == 409


async def test_what_needs_approval_is_not_launched_by_a_key(shop: Caller):
    await shop.wants_approval("campaign")
    await shop.ask("POST", json=SAID)
    again = {"headers": {"Idempotency-Key": "one"}}
    status, told = await shop.ask("POST", "/spring/launch", **again)
    assert (status, told["type"]) == (409, "/docs#approval-needed")
    await shop.edge.change("DELETE FROM approval_thresholds")
    assert (await shop.ask("POST", "/spring/launch", **again))[1]["state"] == "scheduled"


async def test_a_launch_is_refused_with_all_that_stands_in_its_way(shop: Caller):
    await shop.edge.change(
        "INSERT INTO switches (switch, reason, set_by, set_at) VALUES ('all', 'Fire', 'ada', now())"
    )
    said = {**SAID, "attachments": ["flyer"]}
    status, told = await shop.ask("POST", json=said)
    assert (status, told["errors"][0]["pointer"]) == (422, "attachments 1")
    await shop.wants_approval("campaign")
    await shop.ask("POST", json=SAID)
    status, told = await shop.ask("POST", "/spring/launch")
    assert (status, told["type"]) == (409, "/docs#hindered")
    assert [each["pointer"] for each in told["errors"]] == ["launch: switch", "launch: approval"]
    assert "(Fire): it has to be lifted first." in told["errors"][0]["detail"]
    assert await shop.edge.select("SELECT state FROM campaigns") == [("draft",)]


@pytest.mark.parametrize(
    ("method", "path", "said", "status"),
    [
        ("GET", "/none", {}, 404),
        ("GET", "/none/report", {}, 404),
        ("POST", "/none/launch", {}, 404),
        ("POST", "/none/pause", {"json": {"reason": "x"}}, 404),
        ("POST", "/none/pause", {"json": {}}, 422),
        ("POST", "", {"json": {**SAID, "topic": "nowhere"}}, 422),
        ("POST", "", {"json": {"key": "spring"}}, 422),
        ("POST", "", {"json": []}, 422),
        ("PUT", "/other", {"json": SAID, "params": {"revision": 1}}, 422),
        ("PUT", "/spring", {"json": SAID}, 422),
    ],
)
async def test_what_is_wrong_is_told_and_changes_nothing(
    shop: Caller, method: str, path: str, said: dict[str, Any], status: int
):
    assert (await shop.ask(method, path, **said))[0] == status
    assert await shop.edge.select("SELECT FROM campaigns") == []


@pytest.mark.parametrize("scope", ALL)
async def test_a_key_does_what_its_scope_says_and_no_more(shop: Caller, scope: Scope):
    await shop.ask("POST", json=SAID)
    shop.headers = await shop.edge.bearer(scope)
    doing = {
        Scope.CAMPAIGNS_READ: ("GET", "/spring", {}),
        Scope.CAMPAIGNS_WRITE: ("POST", "", {"json": SAID}),
        Scope.CAMPAIGNS_LAUNCH: ("POST", "/spring/launch", {}),
    }
    for needed, (method, path, said) in doing.items():
        assert ((await shop.ask(method, path, **said))[0] == 403) is (needed is not scope)
