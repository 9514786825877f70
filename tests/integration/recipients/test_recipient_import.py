"""Recipients in a CSV file."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.database import SyncDatabase
from models.records import Suppression
from scheduler.commands.recipients import import_file
from tests.edge import Edge
from tests.integration.recipients.profiles import ACCEPTS, NAMES, addresses, suppress

CSV = """\
recipient_id,name,locale,attributes,email,quiet_hours
anna,Anna,de,"{""plan"": ""team""}",anna@Example.com;anna@home.example,
bo,"Bo, the second",,,bo@example.com,"{""quiet"": [""mon 1:00-2:00""]}"
,Nobody,,,,
cy,Cy,nowhere,,cy@example.com,
di,Di,,{broken,di@example.com,
ed,Ed,,,not an address,
fay,Fay,en,,fay@example.com,,more
gil,Gil,,,,"{""quiet"": [""at night""]}"
anna,Ann,,,,
"""


@pytest.fixture
def people(database_url: str) -> Iterator[SyncDatabase]:
    database = SyncDatabase.connect(database_url)
    yield database
    database.close()


async def test_imports_what_is_right_and_tells_what_is_not(
    edge: Edge, people: SyncDatabase, tmp_path: Path
):
    file, rejects = tmp_path / "people.csv", tmp_path / "people.rejects.csv"
    file.write_text(CSV, encoding="utf-8-sig")
    assert await asyncio.to_thread(import_file, people, NAMES, ACCEPTS, file, rejects) == (3, 6)
    anna = (await edge.http.get("/v1/recipients/anna")).json()
    assert (anna["name"], anna["locale"], anna["attributes"]) == ("Ann", "de", {"plan": "team"})
    assert [row[1] for row in await addresses(edge)] == ["anna@example.com", "anna@home.example"]
    bo = (await edge.http.get("/v1/recipients/bo")).json()
    assert (bo["name"], bo["quiet_hours"]["quiet"]) == ("Bo, the second", ["mon 1:00-2:00"])
    lines = rejects.read_text().splitlines()
    assert lines[0] == "recipient_id,name,locale,attributes,email,quiet_hours,reason"
    assert [line.split(",")[0] for line in lines[1:]] == ["", "cy", "di", "ed", "fay", "gil"]
    assert "pt-BR" in lines[2]
    assert "more cells" in lines[5]
    assert "write it like" in lines[6]


async def test_importing_twice_changes_nothing(edge: Edge, people: SyncDatabase, tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text(
        "recipient_id,name,email\n"
        + "".join(f"r{n},Name {n},r{n}@example.com\n" for n in range(6000))
    )
    await suppress(edge, Suppression("email", "r7@example.com", "complaint", "arf"))
    for _ in range(2):
        counts = await asyncio.to_thread(
            import_file, people, NAMES, ACCEPTS, file, tmp_path / "no.csv"
        )
        assert counts == (6000, 0)
    assert not (tmp_path / "no.csv").exists()
    [[names, ledgers, mails]] = await edge.select(
        "SELECT (SELECT count(*) FROM recipients), (SELECT count(*) FROM ledger),"
        " (SELECT count(*) FROM addresses)"
    )
    assert (names, ledgers, mails) == (6000, 6000, 6000)
    assert [row[3] for row in await addresses(edge, "r7")] == ["complaint"]


async def test_a_line_the_database_refuses_harms_no_other(
    edge: Edge, people: SyncDatabase, tmp_path: Path
):
    await edge.change("ALTER TABLE recipients ADD CHECK (name <> 'poison')")
    file = tmp_path / "people.csv"
    file.write_text("recipient_id,name\na,A\nb,poison\nc,C\n")
    rejects = tmp_path / "rejects.csv"
    assert await asyncio.to_thread(import_file, people, NAMES, ACCEPTS, file, rejects) == (2, 1)
    assert 'b,poison,"The database refused it' in rejects.read_text()


async def test_octets_that_are_no_text_are_refused_and_kept(
    edge: Edge, people: SyncDatabase, tmp_path: Path
):
    file, rejects = tmp_path / "people.csv", tmp_path / "rejects.csv"
    file.write_bytes(b"recipient_id,name\na,caf\xe9\nb,B\n")
    assert await asyncio.to_thread(import_file, people, NAMES, ACCEPTS, file, rejects) == (1, 1)
    assert b"a,caf\xe9," in rejects.read_bytes()
    assert len(await edge.select("SELECT * FROM recipients")) == 1
