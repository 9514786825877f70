"""Audiences over HTTP: written, explained, brought in as lists, removed; nothing by halves."""

from typing import Any

import pytest

from delivery.api import audience_lists
from delivery.api.limits import MAX_LIST
from models.queries.configuring.keys import Scope
from tests.edge import Caller, Edge
from tests.factories import rows

SAID = {"key": "team", "title": "Team", "all": [{"about": "attribute", "name": "plan", "is": "t"}]}
ALL = (Scope.AUDIENCES_READ, Scope.AUDIENCES_WRITE)


class Shop(Caller):
    """A product with a key for audiences."""

    async def list_(self, text: str, **said: Any) -> tuple[int, Any]:
        octets = text.encode(said.pop("encoding", "utf-8"))
        return await self.ask("PUT", "/guests/members", content=octets, **said)


@pytest.fixture
async def shop(database_url: str, edge: Edge) -> Shop:
    with rows(database_url) as make:
        for who, plan in (("anna", "t"), ("bo", "s")):
            make.recipient(who, attributes={"plan": plan})
            make.address(who, f"{who}@a.example")
    return Shop(edge, "/v1/audiences", await edge.bearer(*ALL))


async def test_one_is_made_changed_explained_and_removed(shop: Shop):
    assert [(await shop.ask("PUT", "/team", json=SAID))[0] for _ in range(2)] == [201, 200]
    other = {**SAID, "title": "The team"}
    assert (await shop.ask("PUT", "/team", json=other))[0] == 409
    changed = {"json": other, "params": {"version": 1, "note": "A better name"}}
    status, told = await shop.ask("PUT", "/team", **changed)
    assert (status, told["version"], told["sentence"]) == (200, 2, "Everybody for whom plan is t.")
    assert [each["key"] for each in (await shop.ask("GET"))[1]] == ["team"]
    assert (await shop.ask("GET", "/team"))[1]["document"] == other
    assert [(await shop.ask("DELETE", "/team"))[0] for _ in range(2)] == [204, 404]
    did = await shop.edge.select("SELECT action FROM audit ORDER BY at")
    assert [row[0].split()[0] for row in did] == ["made", "changed", "removed"]


async def test_why_says_what_somebody_has_to_those_who_may_read_profiles(shop: Shop):
    await shop.ask("PUT", "/team", json=SAID)
    path = "/team/why?recipient=bo"
    status, told = await shop.ask("GET", path)
    assert (status, told["holds"], told["parts"][0]["has"]) == (200, False, "")
    shop.headers = await shop.edge.bearer(Scope.AUDIENCES_READ, Scope.RECIPIENTS_WRITE)
    assert "s" in (await shop.ask("GET", path))[1]["parts"][0]["has"]
    assert (await shop.ask("GET", "/team/why?recipient=nobody"))[0] == 404


async def test_a_list_is_brought_in_whole_and_the_same_file_twice_is_one_version(shop: Shop):
    text = "name;email\nZoé;anna@a.example\nBo;bo@a.example\nEve;eve@a.example\nBo;bo@a.example\n"
    sent = {"encoding": "cp1252", "params": {"title": "Guests"}}
    status, told = await shop.list_(text, **sent)
    assert (status, told["members"], told["version"], told["doubled"]) == (200, 2, 1, 1)
    assert [each["line"] for each in told["rejects"]] == [4, 5]
    assert told["rejects"][0]["reason"].startswith("no recipient has this address")
    assert (await shop.list_(text, **sent))[1]["version"] == 1
    assert (await shop.list_("recipient_id\nanna\n"))[1]["version"] == 2
    assert (await shop.ask("GET", "/guests"))[1]["title"] == "Guests"


async def test_of_many_rejects_only_the_first_are_told(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audience_lists, "TOLD", 2)
    _, told = await shop.list_("recipient_id\n" + "a\nb\nc\nanna\n")
    assert (told["members"], told["refused"], len(told["rejects"])) == (1, 3, 2)


@pytest.mark.parametrize(
    ("text", "path", "status"),
    [
        ("who\nanna\n", "/guests/members", 422),
        ("", "/guests/members", 422),
        ("recipient_id\nbo\n", "/No%20Key/members", 422),
        ("recipient_id\nbo\n", "/team/members", 422),
    ],
)
async def test_a_file_that_makes_no_list_leaves_the_one_there_is(
    shop: Shop, text: str, path: str, status: int
):
    await shop.list_("recipient_id\nanna\n")
    await shop.ask("PUT", "/team", json=SAID)
    assert (await shop.ask("PUT", path, content=text.encode()))[0] == status
    assert (await shop.ask("GET", "/guests"))[1]["version"] == 1
    members = await shop.edge.select("SELECT recipient_id FROM audience_members")
    assert [tuple(row) for row in members] == [("anna",)]


async def test_a_list_has_a_limit_of_its_own(shop: Shop):
    longer = "recipient_id\nanna\n" + " " * 1_100_000
    assert (await shop.list_(longer))[0] == 200
    status, told = await shop.list_("x", headers={"Content-Length": str(MAX_LIST + 1)})
    assert (status, told["detail"].split(".")[0]) == (413, "At most 100 MB are read here")


async def test_what_needs_approval_waits_for_it(shop: Shop):
    await shop.wants_approval("audience")
    for method, path, said in (
        ("PUT", "/team", {"json": SAID}),
        ("PUT", "/guests/members", {"content": b"recipient_id\nanna\n"}),
    ):
        status, told = await shop.ask(method, path, **said)
        assert (status, told["type"]) == (409, "/docs#approval-needed")
    assert await shop.edge.select("SELECT FROM audiences") == []


@pytest.mark.parametrize(
    ("method", "path", "said", "status"),
    [
        ("GET", "/none", {}, 404),
        ("GET", "/none/why?recipient=anna", {}, 404),
        ("GET", "/team/why?recipient=", {}, 422),
        ("PUT", "/other", {"json": SAID}, 422),
        ("PUT", "/team", {"json": []}, 422),
        ("PUT", "/team", {"json": {**SAID, "all": [{"about": "fax"}]}}, 422),
        ("PUT", "/team", {"json": {**SAID, "all": None, "list": True}}, 422),
    ],
)
async def test_what_is_wrong_is_told_and_changes_nothing(
    shop: Shop, method: str, path: str, said: dict[str, Any], status: int
):
    await shop.ask("PUT", "/team", json=SAID)
    assert (await shop.ask(method, path, **said))[0] == status
    assert [each["version"] for each in (await shop.ask("GET"))[1]] == [1]


async def test_what_is_used_stays(shop: Shop):
    await shop.ask("PUT", "/team", json=SAID)
    inside = {"key": "in", "title": "In", "all": [{"about": "audience", "key": "team"}]}
    await shop.ask("PUT", "/in", json=inside)
    status, told = await shop.ask("DELETE", "/team")
    assert (status, "in uses it" in told["detail"]) == (409, True)


async def test_a_key_does_what_its_scope_says_and_no_more(shop: Shop):
    await shop.ask("PUT", "/team", json=SAID)
    calls = {
        Scope.AUDIENCES_READ: [("GET", ""), ("GET", "/team"), ("GET", "/team/why?recipient=anna")],
        Scope.AUDIENCES_WRITE: [("PUT", "/team"), ("PUT", "/team/members"), ("DELETE", "/team")],
    }
    for scope in ALL:
        shop.headers = await shop.edge.bearer(scope)
        for needed, each in calls.items():
            for method, path in each:
                said = {"json": SAID} if method == "PUT" else {}
                status = (await shop.ask(method, path, **said))[0]
                assert (status == 403) is (needed is not scope), (scope, method, path)
    shop.headers = {}
    assert (await shop.ask("GET"))[0] == 401
