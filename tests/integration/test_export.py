"""One document holds all that is kept about one person, and nothing about another."""

import asyncio
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from models.queries.configuring.keys import Scope
from scheduler.__main__ import build
from tests.edge import SECRET, edge_on
from tests.integration.test_erasure import ANNA, MAIL, NAME, OLD, live
from tests.pipeline import Pipeline


@pytest.fixture
async def document(pipeline: Pipeline) -> dict[str, Any]:
    await live(pipeline)
    async with edge_on(pipeline.url) as edge:
        poor = await edge.bearer(Scope.RECIPIENTS_WRITE)
        url = f"/v1/recipients/{ANNA}/export"
        assert (await edge.http.get(url, headers=poor)).status_code == 403
        key = await edge.bearer(Scope.RECIPIENTS_EXPORT)
        answer = await edge.http.get(url, headers=key)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        nobody = (await edge.http.get("/v1/recipients/nobody/export", headers=key)).json()
        assert (nobody["profile"], nobody["deliveries"]) == (None, [])
        told: dict[str, Any] = answer.json()
        return told


async def test_all_of_it_is_there(document: dict[str, Any], pipeline: Pipeline):
    assert (document["profile"]["name"], document["recipient_id"]) == (NAME, ANNA)
    assert {each["address"] for each in document["addresses"]} == {MAIL, OLD}
    assert document["preferences"][0]["by_themselves"] is True
    kept = pipeline.value("SELECT count(*) FROM deliveries WHERE recipient_id = %s", ANNA)
    assert len({each["delivery_id"] for each in document["deliveries"]}) == kept
    sent = next(each for each in document["deliveries"] if each["state"] == "delivered")
    assert sent["context"]["data"]["for"] == NAME
    assert sent["attempts"][0]["outcome"] == "sent"
    assert sent["feedback"][0]["kind"] == "delivered"
    assert "gate" in sent["trace"]
    assert {each["reason"] for each in document["suppressions"]} >= {"complaint"}
    assert [each["action"] for each in document["audit"]] == ["suppressed an address"]
    empty = {name for name, value in document.items() if value in ([], None)}
    assert empty == {"withdrawn_threads", "soft_bounces", "campaigns"}


async def test_nothing_of_another_person_is_there(document: dict[str, Any]):
    said = json.dumps({name: value for name, value in document.items() if name != "deliveries"})
    assert "bo@example.com" not in said
    assert '"ada"' not in said, "who of the staff did it"
    whose = {each["address"] for each in document["deliveries"]} - {None}
    assert whose <= {MAIL, OLD}


async def test_pages_are_one_document_and_the_command_writes_the_same(
    document: dict[str, Any], pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("models.queries.erasing.exports.PAGE", 1)
    monkeypatch.setenv("TIDINGS_DATABASE_URL", pipeline.url)
    monkeypatch.setenv("TIDINGS_SECRET_KEY", SECRET.decode())
    words = ["recipients", "export", ANNA]
    done = await asyncio.to_thread(CliRunner().invoke, build(words[0]), words)
    assert done.exit_code == 0
    again = json.loads(done.stdout)
    assert again | {"exported_at": document["exported_at"]} == document
    actions = pipeline.column("SELECT action FROM audit WHERE subject LIKE 'erased-%%'")
    assert actions == ["exported a recipient"] * 3
