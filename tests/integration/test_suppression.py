"""An address that its own server refuses for good is not written to again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from models.ids import bucket_of
from models.queries.folding.suppressions import clear_copies, copies, lift, suppress
from models.query import Query
from models.records import Place, Suppression, blocks_of
from scheduler.folding.reconcile import PARTS, reconcile
from scheduler.planning.profiles import drain
from tests.pipeline import Pipeline

SAID = Suppression("email", "anna@example.com", "complaint", "vendor")


ANNAS = Place("email", "anna@example.com")


async def run(pipeline: Pipeline, *statements: Any) -> None:
    """Each in a transaction of its own; what is left out is what a crash would leave out."""
    for statement in statements:
        async with pipeline.runtime.database.begin() as tx:
            await (tx.run(statement) if isinstance(statement, Query) else tx.follow(statement))


async def reconcile_all(pipeline: Pipeline) -> int:
    """An hour of runs: every part has its minute."""
    repaired, had = 0, set[int]()
    while len(had) < PARTS:
        minute = pipeline.clock.now().minute
        repaired += await reconcile(pipeline.runtime)
        if minute == pipeline.clock.now().minute:  # else its part may have been passed over
            had.add(minute)
        pipeline.travel(minutes=1)
    return repaired


def marked(pipeline: Pipeline) -> dict[str, str | None]:
    reason = "suppressed -> 'email/*' ->> 'reason'"
    return dict(pipeline.rows(f"SELECT recipient_id, {reason} FROM addresses"))


async def test_a_suppression_that_was_not_copied_is_copied_within_the_hour(pipeline: Pipeline):
    pipeline.people("anna", "bo")
    pipeline.run_sql(
        """INSERT INTO addresses SELECT %s, 'ann', channel, address, false, created_at
               FROM addresses WHERE recipient_id = 'anna'""",
        bucket_of("ann"),
    )
    await run(pipeline, suppress(SAID, pipeline.clock.now()))
    assert await reconcile_all(pipeline) == 2
    assert marked(pipeline) == {"anna": "complaint", "ann": "complaint", "bo": None}
    assert await reconcile_all(pipeline) == 0


async def test_a_lifted_suppression_whose_copies_stayed_is_cleared(pipeline: Pipeline):
    pipeline.people("anna", "bo")
    for address in ("anna@example.com", "bo@example.com"):
        said = replace(SAID, address=address)
        await run(pipeline, suppress(said, pipeline.clock.now()), *copies(said))
    await run(pipeline, lift(ANNAS, "ada", "mended", pipeline.clock.now()))
    assert await reconcile_all(pipeline) == 1
    assert marked(pipeline) == {"anna": None, "bo": "complaint"}


async def test_a_suppression_that_ended_is_left_to_end_by_itself(pipeline: Pipeline):
    pipeline.people("anna")
    until = pipeline.clock.now() + timedelta(minutes=5)
    said = replace(SAID, expires_at=until)
    await run(pipeline, suppress(said, pipeline.clock.now()), *copies(said))
    pipeline.travel(minutes=10)
    assert await reconcile_all(pipeline) == 0


async def test_many_suppressions_are_gone_through_page_by_page(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scheduler.folding.reconcile._AT_ONCE", 3)
    people = [f"r{number}" for number in range(600)]
    addresses = [f"{person}@example.com" for person in people]
    pipeline.people(*people)
    pipeline.run_sql(
        """INSERT INTO suppressions SELECT bucket, 'email', address, 'x', 'y', NULL, now()
             FROM unnest(CAST(%s AS smallint[]), CAST(%s AS text[])) u (bucket, address)""",
        [bucket_of(address) for address in addresses], addresses,
    )  # fmt: skip
    assert await reconcile_all(pipeline) == 600
    assert set(marked(pipeline).values()) == {"x"}
    pipeline.run_sql("DELETE FROM suppressions")
    assert await reconcile_all(pipeline) == 600
    assert set(marked(pipeline).values()) == {None}


async def test_a_refused_address_is_suppressed_and_the_next_mail_skipped(pipeline: Pipeline):
    async def refuse(*_: object) -> bytes:
        return b"550 5.1.1 nobody of that name"

    await pipeline.topic(channels=("email",))
    pipeline.people("anna")
    pipeline.emit(recipients=("anna",))
    await pipeline.plan()
    pipeline.mail.rcpt = refuse  # type: ignore[method-assign]
    await pipeline.send()
    assert pipeline.row("SELECT channel, address, reason FROM suppressions") == (
        "email", "anna@example.com", "address_refused",
    )  # fmt: skip
    pipeline.emit(recipients=("anna",))
    await pipeline.plan()
    await pipeline.send()
    states = pipeline.rows("SELECT state, reason FROM deliveries ORDER BY created_at")
    assert states == [("bounced", "address_refused"), ("skipped", "suppressed")]


async def test_a_refused_message_suppresses_nobody(pipeline: Pipeline):
    async def refuse(*_: object) -> bytes:
        return b"554 5.7.1 looks like spam"

    await pipeline.topic(channels=("email",))
    pipeline.people("anna")
    pipeline.emit(recipients=("anna",))
    await pipeline.plan()
    pipeline.mail.rcpt = refuse  # type: ignore[method-assign]
    await pipeline.send()
    assert pipeline.value("SELECT count(*) FROM suppressions") == 0


async def test_every_scope_is_copied_and_only_the_lifted_one_is_cleared(pipeline: Pipeline):
    pipeline.people("anna")
    scopes = (("*", "*"), ("email", "*"), ("email", "news"), ("*", "news"))
    now = pipeline.clock.now()
    for channel, category in scopes:
        await run(pipeline, suppress(replace(SAID, channel=channel, category=category), now))
    assert await reconcile_all(pipeline) == 2, "those of a channel, and those of all"
    marks = "SELECT suppressed FROM addresses"
    assert set(pipeline.value(marks)) == {f"{channel}/{category}" for channel, category in scopes}
    assert await reconcile_all(pipeline) == 0
    await run(pipeline, lift(Place("*", "anna@example.com"), "ada", "mended", now))
    assert await reconcile_all(pipeline) == 1
    assert set(pipeline.value(marks)) == {"email/*", "email/news", "*/news"}


async def test_of_two_that_come_at_once_neither_overwrites_the_other(pipeline: Pipeline):
    pipeline.people("anna")
    both = [replace(SAID, category=category) for category in ("*", "news")]
    for said in both:
        await run(pipeline, suppress(said, pipeline.clock.now()))
    written = [copies(said) for said in both]
    await run(pipeline, *written[1], *written[0], *written[1])
    assert set(pipeline.value("SELECT suppressed FROM addresses")) == {"email/*", "email/news"}


async def test_of_one_scope_the_longer_copy_stays_in_whatever_order(pipeline: Pipeline):
    pipeline.people("anna")
    now = pipeline.clock.now()
    short, long = (replace(SAID, expires_at=now + timedelta(days=days)) for days in (1, 30))
    for order in ((short, long, SAID), (SAID, long, short)):
        pipeline.run_sql("UPDATE addresses SET suppressed = NULL")
        for said in order:
            await run(pipeline, *copies(said))
        kept = pipeline.value("SELECT suppressed -> 'email/*' ->> 'until' FROM addresses")
        assert kept is None
    await run(pipeline, clear_copies(ANNAS), *copies(long), *copies(short))
    [copy] = pipeline.column("SELECT suppressed FROM addresses")
    assert blocks_of(copy)[0].until == long.expires_at


async def test_an_address_that_is_kept_as_a_hash_is_suppressed_wherever_it_comes_back(
    pipeline: Pipeline,
):
    hashed = replace(SAID, address=pipeline.runtime.pseudonyms.address(SAID.address)[0])
    await run(pipeline, suppress(hashed, pipeline.clock.now()))
    pipeline.run_sql(
        "INSERT INTO recipient_changes (recipient_id, profile) VALUES ('anna', %s)",
        Jsonb({"addresses": [{"channel": "email", "address": SAID.address}]}),
    )
    accepts = {name: channel.accepts for name, channel in pipeline.runtime.channels.items()}
    await drain(pipeline.runtime.database, accepts, pipeline.runtime.pseudonyms, 10)
    assert marked(pipeline) == {"anna": "complaint"}
    assert await reconcile_all(pipeline) == 0
    known_as = pipeline.runtime.pseudonyms.address(SAID.address)
    await run(pipeline, lift(ANNAS, "ada", "asked", pipeline.clock.now(), known_as=known_as))
    assert await reconcile_all(pipeline) == 1
    assert marked(pipeline) == {"anna": None}
