"""`/v1/preferences`: what counts, whose word it is, and how it is changed."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx import Response

from models.queries.configuring.keys import Scope
from tests.edge import Edge, edge_on
from tests.factories import rows
from tests.integration.api.test_api_feed import holder

TOPICS = """
    INSERT INTO topics (topic, title, category, class, dedup_window, mandatory, sensitive,
                        updated_at)
    VALUES ('shared', 'A shared board', 'boards', 'transactional', '7 d', false, false, now()),
           ('offer', 'An offer', 'offers', 'promotional', '7 d', false, false, now()),
           ('invoice', 'An invoice', 'invoices', 'transactional', '7 d', true, false, now())
"""
STEPS = """
    INSERT INTO topic_steps (topic, step, position, channel)
    VALUES ('shared', 'a', 0, 'email'), ('shared', 'b', 1, 'in_app'), ('offer', 'a', 0, 'email'),
           ('invoice', 'a', 0, 'email')
"""
OFFERS = """
    INSERT INTO categories (category, title, description, position, defaults, updated_at)
    VALUES ('offers', 'Offers', 'Rarely.', 1, '{"email": false}', now())
"""
NO_OFFERS = {"category": "offers", "channel": "email", "allowed": False}


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url) as edge:
        for statement in (TOPICS, STEPS, OFFERS):
            await edge.change(statement)
        edge.http.headers["Authorization"] = await holder(edge, "anna")
        yield edge


async def read(edge: Edge) -> dict[str, Any]:
    response = await edge.http.get("/v1/preferences")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    found: dict[str, Any] = response.json()
    return found


async def put(edge: Edge, **body: object) -> Response:
    # JSON may hold what UTF-8 may not: half a surrogate pair.
    headers = {"Content-Type": "application/json"}
    return await edge.http.put("/v1/preferences", content=json.dumps(body), headers=headers)


def standings(told: dict[str, Any]) -> dict[str, dict[str, tuple[bool, str]]]:
    return {
        category["category"]: {
            channel: (said["allowed"], said["origin"])
            for channel, said in category["channels"].items()
        }
        for category in told["categories"]
    }


async def changes(edge: Edge) -> list[tuple[object, ...]]:
    found = await edge.select(
        """SELECT category, channel, allowed, changed_by, via FROM preference_changes
            ORDER BY at, category, channel"""
    )
    return [tuple(row) for row in found]


async def test_who_said_nothing_gets_the_defaults_and_reads_whose_they_are(edge: Edge):
    told = await read(edge)
    assert (told["recipient_id"], told["muted"], told["snoozed_until"]) == ("anna", False, None)
    assert list(standings(told)) == ["offers", "boards", "invoices"], "the described come first"
    assert standings(told) == {
        "boards": {"email": (True, "installation"), "in_app": (True, "installation")},
        "invoices": {"email": (True, "mandatory")},
        "offers": {"email": (False, "category")},
    }
    assert told["categories"][0]["title"] == "Offers"
    assert told["categories"][2]["always"] == ["An invoice"]


async def test_choosing_twice_is_choosing_once(edge: Edge):
    choice = {"category": "boards", "channel": "email", "allowed": False}
    for _ in range(2):
        response = await put(edge, preferences=[choice])
        assert response.status_code == 200
        assert standings(response.json())["boards"] == {
            "email": (False, "personal"), "in_app": (True, "installation"),
        }  # fmt: skip
    assert await changes(edge) == [("boards", "email", False, "recipient", "api")]


async def test_a_choice_taken_back_lets_the_organisation_speak(edge: Edge):
    await edge.change(
        """INSERT INTO org_preferences (org, category, channel, allowed, changed_at, changed_by)
           VALUES ('acme', '*', '*', true, now(), 'ada')"""
    )
    headers = await edge.bearer(Scope.RECIPIENTS_WRITE)
    await edge.http.put("/v1/recipients/anna", json={"org": "acme"}, headers=headers)
    await put(edge, preferences=[NO_OFFERS])
    assert standings(await read(edge))["offers"]["email"] == (False, "personal")
    await put(edge, preferences=[{**NO_OFFERS, "allowed": None}])
    assert standings(await read(edge))["offers"]["email"] == (True, "org")


async def test_muting_and_muting_a_channel(edge: Edge):
    told = (await put(edge, muted=True)).json()
    assert told["muted"]
    assert standings(told)["boards"]["in_app"] == (False, "mute")
    assert standings(told)["invoices"]["email"] == (True, "mandatory")
    mute = {"category": "*", "channel": "email", "allowed": False}
    told = (await put(edge, muted=False, preferences=[mute])).json()
    assert (told["muted"], told["muted_channels"]) == (False, ["email"])
    assert standings(told)["boards"]["in_app"] == (True, "installation")
    told = (await put(edge, preferences=[{**mute, "allowed": True}])).json()
    assert told["muted_channels"] == []


async def later(edge: Edge, **amount: float) -> str:
    return (await edge.database.tell_time() + timedelta(**amount)).isoformat()


async def test_snoozing_and_waking(edge: Edge):
    until = await later(edge, hours=2)
    told = (await put(edge, snoozed_until=until)).json()
    assert datetime.fromisoformat(told["snoozed_until"]) == datetime.fromisoformat(until)
    assert (await put(edge, muted=False)).json()["snoozed_until"], "a snooze is no mute"
    assert (await put(edge, snoozed_until=None)).json()["snoozed_until"] is None


async def test_ending_a_snooze_again_wakes_what_a_crash_left_held(edge: Edge, database_url: str):
    with rows(database_url) as make:
        make.recipient("anna")
        make.delivery("anna", state="scheduled", held_for="snoozed")
        make.delivery("anna", state="scheduled", held_for="quiet_hours")
        make.delivery("bo", state="scheduled", held_for="snoozed")
    assert (await put(edge, snoozed_until=None)).status_code == 200
    assert await changes(edge) == [], "nothing changed, and yet"
    held = await edge.select("SELECT recipient_id, held_for FROM queue ORDER BY 1, 2 NULLS FIRST")
    assert [tuple(row) for row in held] == [
        ("anna", None), ("anna", "quiet_hours"), ("bo", "snoozed"),
    ]  # fmt: skip


async def test_of_mute_and_snooze_the_newest_wish_counts(edge: Edge):
    await put(edge, snoozed_until=await later(edge, hours=2))
    told = (await put(edge, muted=True, snoozed_until=None)).json()
    assert (told["muted"], told["snoozed_until"]) == (True, None)
    assert (await put(edge, snoozed_until=None)).json()["muted"], "a mute is no snooze"
    told = (await put(edge, snoozed_until=await later(edge, hours=2))).json()
    assert told["snoozed_until"]
    assert not told["muted"]


async def test_a_key_with_the_scope_chooses_for_anybody_and_is_remembered(edge: Edge):
    headers = await edge.bearer(Scope.PREFERENCES_WRITE)
    response = await edge.http.put(
        "/v1/preferences?recipient=bo", json={"preferences": [NO_OFFERS]}, headers=headers
    )
    assert response.json()["recipient_id"] == "bo"
    [(*_, by, via)] = await changes(edge)
    assert str(by).startswith("key tid_")
    assert via == "api"


async def test_a_key_without_the_scope_or_without_a_recipient_changes_nothing(edge: Edge):
    for scopes, query, status in (
        ([Scope.FEED_READ], "?recipient=bo", 403),
        ([Scope.PREFERENCES_WRITE], "", 422),
        ([Scope.PREFERENCES_WRITE], "?recipient=%20bo", 422),
    ):
        headers = await edge.bearer(*scopes)
        for method in ("GET", "PUT"):
            response = await edge.http.request(
                method, f"/v1/preferences{query}", headers=headers, json={"muted": True}
            )
            assert response.status_code == status
            assert response.headers["content-type"] == "application/problem+json"
    nobody = await edge.http.get("/v1/preferences", headers={"Authorization": ""})
    assert nobody.status_code == 401
    assert await changes(edge) == []


BAD = [
    ({"preferences": [{"category": "boards", "channel": "pigeon", "allowed": True}]},
     "/preferences/0/channel"),
    ({"preferences": [NO_OFFERS, {"category": "bords", "channel": "*", "allowed": False}]},
     "/preferences/1/category"),
    ({"preferences": [{"category": "bo\0ards", "channel": "*", "allowed": None}]},
     "/preferences/0/category"),
    ({"preferences": [{"category": "\ud800", "channel": "*", "allowed": None}]},
     "/preferences/0/category"),
    ({"preferences": [{"category": "boards", "channel": "email"}]}, "/preferences/0/allowed"),
    ({"preferences": [NO_OFFERS] * 1001}, "/preferences"),
    ({"snoozed_until": "2020-01-01T00:00:00Z"}, "/snoozed_until"),
    ({"snoozed_until": "9020-01-01T00:00:00Z"}, "/snoozed_until"),
    ({"snoozed_until": "2090-01-01T00:00:00"}, "/snoozed_until"),
    ({"muted": True, "snoozed_until": "2090-01-01T00:00:00Z"}, "/snoozed_until"),
    ({"mutted": True}, "/mutted"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "pointer"), BAD)
async def test_what_cannot_be_chosen_is_named_and_nothing_is_changed(
    edge: Edge, body: dict[str, Any], pointer: str
):
    response = await put(edge, **body)
    assert response.status_code == 422
    assert pointer in [fault["pointer"] for fault in response.json()["errors"]]
    assert await changes(edge) == []


async def test_pages_of_named_origins_may_choose(database_url: str):
    origin = "https://app.example.com"
    async with edge_on(database_url, feed_origins=frozenset({origin})) as edge:
        asked = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
        response = await edge.http.options("/v1/preferences", headers=asked)
        assert response.headers["access-control-allow-origin"] == origin
