"""Orders by filter: batch after batch, for what matched when it was asked."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from delivery.again import by_person
from models.database import SyncDatabase
from models.driver import as_psycopg
from models.queries.configuring import catalog
from models.queries.console import history
from models.queries.repairing import selection
from models.queries.repairing.orders import Order, next_batch, told
from models.queries.repairing.selection import Selection
from models.readings.deliveries import Wanted
from models.states import DEAD, DeliveryState as D, Resolution
from tests.integration.test_dead_letters import dead
from tests.integration.test_doubt import doubtful
from tests.integration.test_orders import audit, refused
from tests.pipeline import Pipeline


def carry_out_all(pipeline: Pipeline, selected: Selection, stop_after: int = 100) -> int:
    """Batches of an order by filter; how many deliveries were changed."""
    database = SyncDatabase.connect(pipeline.url, "tests", 1)
    done, after, batches = 0, None, 0
    try:
        while batches < stop_after:
            now = pipeline.clock.now()
            with database.begin() as tx:
                given = Order(
                    Resolution.AGAIN, DEAD, "ada@x", by_person(tx.run(catalog.topics()), now), now,
                    told(selected),
                )  # fmt: skip
                batch = tx.follow(next_batch(selected, after, given))
            if batch.last is None:
                break
            after, done, batches = batch.last, done + len(batch.came.done), batches + 1
    finally:
        database.close()
    return done


def failed(pipeline: Pipeline, **wanted: object) -> Selection:
    states = frozenset({D.FAILED.value})
    return Selection(Wanted(states=states, **wanted), pipeline.clock.now())


async def test_an_order_by_filter_means_what_matched_when_it_was_asked(pipeline: Pipeline):
    await dead(pipeline, *(f"r{number}" for number in range(7)))
    selected = failed(pipeline, topic="board.shared", reason="policy_refused")
    pipeline.people("late")
    await dead_later(pipeline)
    assert carry_out_all(pipeline, selected) == 7
    assert pipeline.deliveries()["late", "email"][0] == "failed"
    assert carry_out_all(pipeline, selected) == 0, "the same click twice"


async def dead_later(pipeline: Pipeline) -> None:
    pipeline.emit(recipients=("late",))
    await pipeline.plan()
    await refused(pipeline)


async def test_what_dies_anew_is_not_sent_a_third_time_by_the_same_order(pipeline: Pipeline):
    await dead(pipeline, "anna")
    selected = failed(pipeline)
    assert carry_out_all(pipeline, selected) == 1
    await refused(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("failed", "policy_refused")}
    assert carry_out_all(pipeline, selected) == 0
    assert carry_out_all(pipeline, failed(pipeline)) == 1


async def test_an_order_that_stops_between_two_batches_is_finished_by_the_next(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("models.queries.repairing.orders.AT_ONCE", 3)
    await dead(pipeline, *(f"r{number}" for number in range(8)))
    selected = failed(pipeline)
    assert carry_out_all(pipeline, selected, stop_after=1) == 3
    assert carry_out_all(pipeline, selected) == 5
    assert [subject for _, _, subject in audit(pipeline)] == [
        "3 deliveries", "3 deliveries", "2 deliveries",
    ]  # fmt: skip
    kept = pipeline.column("SELECT detail FROM audit")[0]
    assert kept["were"] == {"failed: policy_refused": 3}
    assert kept["filter"]["states"] == ["failed"]


async def test_two_orders_by_filter_at_once_change_each_delivery_once(pipeline: Pipeline):
    everybody = [f"r{number}" for number in range(40)]
    await dead(pipeline, *everybody)
    selected = failed(pipeline)
    done = await asyncio.gather(
        *(asyncio.to_thread(carry_out_all, pipeline, selected) for _ in range(3))
    )
    assert sum(done) == 40
    await pipeline.send()
    assert sorted(mail.recipient for mail in pipeline.mail.kept) == sorted(
        f"{who}@example.com" for who in everybody
    )


async def test_what_is_refused_does_not_stop_the_rest(pipeline: Pipeline):
    await dead(pipeline, "anna", "bo")
    pipeline.run_sql("UPDATE attempts SET outcome = 'sent' WHERE bucket = (SELECT bucket FROM"
                     " deliveries WHERE recipient_id = 'anna')")  # fmt: skip
    assert carry_out_all(pipeline, failed(pipeline)) == 1
    assert pipeline.deliveries()["bo", "email"][0] == "scheduled"


async def test_doubt_is_counted_and_listed_by_its_attempts(pipeline: Pipeline):
    await doubtful(pipeline)
    await dead_later_after_doubt(pipeline)
    now = pipeline.clock.now()
    wanted = Wanted(states=frozenset({D.IN_DOUBT.value}))
    async with pipeline.runtime.database.begin() as tx:
        number = await tx.run(selection.count_selected(Selection(wanted, now)))
        other = await tx.run(
            selection.count_selected(Selection(replace(wanted, reason="no_answer"), now))
        )
    assert (number, other) == (1, 0)


async def dead_later_after_doubt(pipeline: Pipeline) -> None:
    pipeline.people("bo")
    pipeline.emit(recipients=("bo",))
    await pipeline.plan()
    await pipeline.send()


async def test_history_costs_the_list_of_doubt_nothing(pipeline: Pipeline):
    await doubtful(pipeline)
    wanted = Wanted(states=frozenset({D.IN_DOUBT.value}))
    asked = (
        history.deliveries(wanted),
        selection.count_selected(Selection(wanted, pipeline.clock.now())),
    )
    with psycopg.connect(pipeline.url) as connection:
        connection.execute(
            """INSERT INTO deliveries (bucket, day, delivery_id, event_id, recipient_id, topic,
                      class, channel, step, state, test, created_at, settled_at, sent_at, trace)
               SELECT d.bucket, d.day, gen_random_uuid(), d.event_id, 'x', 'old', d.class, 'email',
                      'email', 'sent', true, d.created_at - n * interval '1 s', d.settled_at,
                      d.settled_at, '{}' FROM deliveries d, generate_series(1, 20000) n"""
        )
        connection.execute("ANALYZE deliveries")
        for query in asked:
            read = buffers(connection, query.statement, query.parameters)
            assert read < 60
        connection.rollback()


def buffers(connection: Any, statement: str, parameters: Mapping[str, object]) -> int:
    explained = b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + as_psycopg(statement)
    plan = connection.execute(explained, parameters).fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
