"""The ways to erase somebody: over HTTP, by command, and once more after a restore."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.database import SyncDatabase
from models.pseudonyms import Pseudonyms
from models.queries.configuring.keys import Scope
from scheduler.__main__ import build
from scheduler.commands.recipients import import_file
from tests.edge import SECRET, Edge, edge_on
from tests.factories import rows
from tests.integration.recipients.profiles import ACCEPTS

NAMES = Pseudonyms((SECRET,))


@pytest.fixture
async def edge(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Edge]:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)
    monkeypatch.setenv("TIDINGS_SECRET_KEY", SECRET.decode())
    monkeypatch.setattr("scheduler.erasing.erase.SETTLED_AFTER", timedelta())
    with rows(database_url) as make:
        make.recipient("anna")
        make.address("anna", "anna@example.com")
        make.delivery("anna", state="sent", address="anna@example.com")
    async with edge_on(database_url) as made:
        made.http.headers.update(await made.bearer(Scope.RECIPIENTS_ERASE, Scope.RECIPIENTS_WRITE))
        yield made


async def tidings(*arguments: object) -> Result:
    """A command, in a thread: it may have a loop of its own."""
    words = [str(each) for each in arguments]
    return await asyncio.to_thread(CliRunner().invoke, build(words[0]), words)


async def test_http_erases_once_and_a_profile_comes_back_only_anew(
    edge: Edge, database_url: str, tmp_path: Path
):
    url = "/v1/recipients/anna"
    asked = await edge.http.delete(url, params={"reason": "case 4711"})
    assert asked.status_code == 202
    [pseudonym] = NAMES.recipient("anna")
    assert (asked.json()["pseudonym"], asked.json()["finished_at"]) == (pseudonym, None)
    assert (await edge.http.put(f"{url}?anew=true", json={})).status_code == 409, "it is not done"
    # The command brings it on, though somebody else asked.
    assert (
        await tidings("recipients", "erase", "anna", "--reason", "again", "--yes")
    ).exit_code == 0
    told = (await edge.http.get(f"{url}/erasure")).json()
    assert told["finished_at"]
    assert (told["reason"], told["rows"]["recipients"]) == ("case 4711", 1)
    assert (await edge.http.put(url, json={"name": "Anna"})).status_code == 409
    people = SyncDatabase.connect(database_url)
    file, rejects = tmp_path / "people.csv", tmp_path / "no.csv"
    file.write_text("recipient_id,name\nanna,Anna\nbo,Bo\n")
    assert import_file(people, NAMES, ACCEPTS, file, rejects) == (1, 1)
    people.close()
    assert "erased" in rejects.read_text()
    assert (await edge.http.put(f"{url}?anew=true", json={"name": "Anna"})).status_code == 200
    assert (await edge.http.get(f"{url}/erasure")).status_code == 404
    audit = await edge.select("SELECT action, subject FROM audit ORDER BY at, action")
    assert {tuple(row) for row in audit} == {
        ("asked to erase a recipient", pseudonym), ("erased a recipient", pseudonym),
    }  # fmt: skip


async def test_only_a_key_with_the_scope_erases_and_a_reason_names_nobody(edge: Edge):
    poor = await edge.bearer(Scope.RECIPIENTS_WRITE)
    assert (await edge.http.delete("/v1/recipients/anna", headers=poor)).status_code == 403
    for reason in ("", "anna@example.com wrote"):
        refused = await edge.http.delete("/v1/recipients/anna", params={"reason": reason})
        assert refused.status_code == 422
        assert "reason" in refused.json()["errors"][0]["detail"]
    assert await edge.select("SELECT 1 FROM erasures") == []


async def test_a_restored_database_is_told_whom_to_erase_again(
    edge: Edge, database_url: str, tmp_path: Path
):
    assert (await tidings("recipients", "erase", "anna", "--reason", "x", "--yes")).exit_code == 0
    assert (await tidings("recipients", "erase", "cy", "--reason", "x", "--yes")).exit_code == 0
    kept = tmp_path / "erasures.jsonl"
    kept.write_text((await tidings("recipients", "erasures", "--json")).stdout)
    await edge.change("DELETE FROM erasures")
    with rows(database_url) as make:
        make.recipient("anna")
    told = await tidings("migrate", "--erasures", kept)
    assert "1 people are erased again by the workers; 1 were not here" in told.stdout
    assert (await tidings("migrate", "--erasures", kept)).stdout.startswith("0 people")
    states = await edge.select("SELECT subject ->> 'id', finished_at IS NULL FROM erasures")
    assert sorted(map(tuple, states), key=str) == [("anna", True), (None, False)]


async def test_a_list_that_is_none_is_refused(edge: Edge, tmp_path: Path):  # noqa: ARG001
    kept = tmp_path / "erasures.jsonl"
    for line in ("no JSON", "{}", json.dumps({"pseudonym": "anna", "returned_at": None})):
        kept.write_text(line)
        with pytest.raises(ValueError, match=r"erasures\.jsonl:1: no erasure: give"):
            raise (await tidings("migrate", "--erasures", kept)).exception or AssertionError
