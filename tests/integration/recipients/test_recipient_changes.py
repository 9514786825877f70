"""Recipients written in SQL: changes that are drained in order."""

import asyncio
import json

from httpx import Response

from scheduler.planning.profiles import drain
from tests.edge import Edge
from tests.integration.recipients.profiles import (
    ACCEPTS,
    ANNA,
    BOUNCED,
    NAMES,
    addresses,
    put,
    suppress,
)


async def write_change(edge: Edge, recipient: str, profile: object) -> None:
    await edge.change(
        "INSERT INTO recipient_changes (recipient_id, profile)"
        " VALUES (:id, CAST(:profile AS jsonb))",
        id=recipient,
        profile=json.dumps(profile),
    )


async def test_drains_what_was_written_in_sql(edge: Edge):
    await suppress(edge, BOUNCED)
    await write_change(edge, "anna", ANNA)
    await write_change(edge, "bo", {"name": "Bo"})
    assert await drain(edge.database, ACCEPTS, NAMES, 100) == 2
    assert await drain(edge.database, ACCEPTS, NAMES, 100) == 0
    assert (await edge.http.get("/v1/recipients/anna")).json()["name"] == "Anna"
    assert [row[3] for row in await addresses(edge)] == ["hard_bounce", None]
    assert len(await edge.select("SELECT * FROM ledger")) == 2


async def test_applies_the_changes_of_one_recipient_in_order(edge: Edge):
    await write_change(edge, "anna", ANNA)
    await write_change(edge, "anna", {"name": "Ann", "org": None})
    await write_change(
        edge, "anna", {"addresses": [{"channel": "email", "address": "a@b.example"}]}
    )
    await drain(edge.database, ACCEPTS, NAMES, 100)
    stored = (await edge.http.get("/v1/recipients/anna")).json()
    assert (stored["name"], stored["org"], stored["locale"]) == ("Ann", None, "pt-BR")
    assert [row[1] for row in await addresses(edge)] == ["a@b.example"]


async def test_sets_a_bad_profile_aside_and_goes_on(edge: Edge):
    await write_change(edge, "anna", {"timezone": "Nowhere"})
    await write_change(edge, " bo", {})
    await write_change(edge, "bo", ["not", "an", "object"])
    await write_change(edge, "bo", {"name": "Bo"})
    assert await drain(edge.database, ACCEPTS, NAMES, 100) == 4
    problems = await edge.select("SELECT problem FROM recipient_changes ORDER BY created_at")
    assert [row[0].partition(":")[0] for row in problems] == ["/timezone", "", ""]
    assert (await edge.http.get("/v1/recipients/bo")).json()["name"] == "Bo"
    assert await drain(edge.database, ACCEPTS, NAMES, 100) == 0


async def test_a_profile_the_database_refuses_harms_no_other(edge: Edge):
    await edge.change("ALTER TABLE recipients ADD CHECK (name <> 'poison')")
    for n in range(7):
        await write_change(edge, f"r{n}", {"name": "poison" if n == 3 else f"R{n}"})
    for _ in range(10):
        await drain(edge.database, ACCEPTS, NAMES, 100)
    names = await edge.select("SELECT name FROM recipients ORDER BY name")
    assert [row[0] for row in names] == ["R0", "R1", "R2", "R4", "R5", "R6"]
    [[problem]] = await edge.select("SELECT problem FROM recipient_changes")
    assert "refused" in problem


async def test_two_drains_at_once_keep_the_order(edge: Edge):
    for n in range(60):
        await write_change(edge, "anna", {"name": f"Anna {n}"})
    while await edge.select("SELECT 1 FROM recipient_changes LIMIT 1"):
        await asyncio.gather(*(drain(edge.database, ACCEPTS, NAMES, 7) for _ in range(4)))
    assert (await edge.http.get("/v1/recipients/anna")).json()["name"] == "Anna 59"


async def test_drains_beside_puts_without_deadlock(edge: Edge):
    for n in range(200):
        await write_change(edge, f"r{n % 20}", {"name": f"{n}", "org": f"{n}"})

    async def draining() -> None:
        while await edge.select("SELECT 1 FROM recipient_changes LIMIT 1"):
            await drain(edge.database, ACCEPTS, NAMES, 50)

    answers = await asyncio.gather(
        draining(), *(put(edge, ANNA, f"r{n % 20}") for n in range(60)), return_exceptions=True
    )
    assert {a.status_code for a in answers if isinstance(a, Response)} == {200}
    assert [a for a in answers if isinstance(a, BaseException)] == []
