"""Suppressed addresses, whoever has them and whenever they come."""

import asyncio
from datetime import timedelta

import psycopg

from models.queries.folding import suppressions
from models.records import Place, Suppression
from tests.edge import Edge
from tests.integration.recipients.profiles import ANNA, BOUNCED, addresses, put, suppress


async def test_suppressing_an_address_reaches_everybody_who_has_it(edge: Edge):
    await put(edge, ANNA)
    await put(edge, ANNA, "bo")
    await suppress(edge, BOUNCED)
    for recipient in ("anna", "bo"):
        assert [row[3] for row in await addresses(edge, recipient)] == ["hard_bounce", None]


async def test_an_address_added_later_is_born_suppressed(edge: Edge):
    await suppress(edge, BOUNCED)
    response = await put(edge, ANNA)
    assert [row[3] for row in await addresses(edge)] == ["hard_bounce", None]
    assert response.json()["addresses"][0]["suppressed_for"] == "hard_bounce"


async def test_an_expired_suppression_is_not_copied(edge: Edge):
    now = await edge.database.tell_time()
    await suppress(
        edge, Suppression("email", "anna@example.com", "soft", "smtp", now - timedelta(seconds=1))
    )
    await put(edge, ANNA)
    assert [row[3] for row in await addresses(edge)] == [None, None]


async def test_of_two_suppressions_the_longer_one_stays(edge: Edge):
    now = await edge.database.tell_time()
    await put(edge, ANNA)
    short = Suppression("email", "anna@example.com", "soft", "smtp", now + timedelta(days=1))
    for order in ([short, BOUNCED], [BOUNCED, short]):
        for each in order:
            await suppress(edge, each)
        assert [row[3] for row in await addresses(edge)] == ["hard_bounce", None]
        [[reason]] = await edge.select("SELECT reason FROM suppressions")
        assert reason == "hard_bounce"
        await lift(edge)


async def lift(edge: Edge) -> None:
    place = Place("email", "anna@example.com")
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        await tx.follow(suppressions.lift(place, "ada", "it works again", now))
    async with edge.database.begin() as tx:
        await tx.run(suppressions.clear_copies(place))


async def test_a_suppression_can_be_lifted(edge: Edge):
    await put(edge, ANNA)
    await suppress(edge, BOUNCED)
    await lift(edge)
    assert [row[3] for row in await addresses(edge)] == [None, None]
    assert await edge.select("SELECT * FROM suppressions") == []


async def test_suppressing_right_before_the_address_is_committed_misses_nobody(
    edge: Edge, database_url: str
):
    await edge.change(
        """
        CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON addresses
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION linger()
        """
    )
    with psycopg.connect(database_url) as holding:
        holding.execute("SELECT pg_advisory_lock(4711)")
        putting = asyncio.create_task(put(edge, ANNA))
        while not await edge.select("SELECT 1 FROM pg_locks WHERE NOT granted"):
            assert not putting.done()
        await suppress(edge, BOUNCED)
    assert (await putting).status_code == 200
    assert [row[3] for row in await addresses(edge)] == ["hard_bounce", None]


async def test_suppressing_while_the_address_is_added_misses_nobody(edge: Edge):
    """Whichever commits first, the copy is there in the end."""
    for n in range(25):
        address = f"a{n}@example.com"
        body = {"addresses": [{"channel": "email", "address": address}]}
        bounced = Suppression("email", address, "hard_bounce", "smtp")
        await asyncio.gather(put(edge, body, f"r{n}"), suppress(edge, bounced))
    found = await edge.select("SELECT recipient_id FROM addresses WHERE suppressed IS NULL")
    assert found == []
