"""Conversions: posted or written in SQL, attributed, counted once."""

from datetime import timedelta
from typing import Any

import pytest

from models.queries.configuring.keys import Scope
from models.queries.erasing import erasures
from scheduler.folding import conversions
from tests.edge import Edge, edge_on
from tests.integration.feedback.test_feedback import sent
from tests.pipeline import Pipeline, exhausted


@pytest.fixture
async def edge(database_url: str) -> Any:
    async with edge_on(database_url) as edge:
        yield edge


BOUGHT = {"recipient_id": "anna", "name": "purchase", "value": "49.90", "currency": "EUR"}


async def post(edge: Edge, body: dict[str, Any], status: int = 202, **headers: str) -> Any:
    bearer = await edge.bearer(Scope.CONVERSIONS_WRITE)
    response = await edge.http.post("/v1/conversions", json=body, headers=bearer | headers)
    assert response.status_code == status, response.text
    return response.json()


async def settle(pipeline: Pipeline) -> int:
    pipeline.travel(seconds=6)
    return await exhausted(lambda: conversions.step(pipeline.runtime))


def kept(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    return pipeline.rows("SELECT recipient_id, name, value, basis FROM conversions ORDER BY 1, 2")


def counted(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    return pipeline.rows(
        """SELECT reason, CAST(sum(entered) AS int), CAST(sum("left") AS int) FROM rollups
            WHERE state = 'converted' GROUP BY 1"""
    )


async def test_counts_for_the_last_message_once_however_often_it_is_told(
    pipeline: Pipeline, edge: Edge
):
    delivery = await sent(pipeline)
    ids = {(await post(edge, BOUGHT, **{"Idempotency-Key": "o1"}))["conversion_id"] for _ in "ab"}
    assert len(ids) == 1
    assert await settle(pipeline) == 2
    await post(edge, {**BOUGHT, "key": "o1"})
    assert await settle(pipeline) == 1
    [(recipient, name, value, basis)] = kept(pipeline)
    assert (recipient, name, str(value), basis) == ("anna", "purchase", "49.90", "delivered")
    assert counted(pipeline) == [("delivered", 1, 1)]
    assert pipeline.value("SELECT delivery_id FROM conversions") == delivery
    assert pipeline.rows("SELECT * FROM conversions_waiting") == []


async def test_written_in_sql_it_counts_for_the_last_click_of_a_person(pipeline: Pipeline):
    clicked = await sent(pipeline)
    later = await sent(pipeline, "bo")
    assert later != clicked
    pipeline.run_sql(
        """INSERT INTO feedback (bucket, day, delivery_id, vendor, vendor_event_id, kind,
                                 occurred_at, received_at, detail)
           SELECT bucket, day, delivery_id, 'tidings', who, 'clicked', now(), now(),
                  jsonb_build_object('by', who)
             FROM deliveries, unnest('{person,scanner}'::text[]) who
            WHERE recipient_id = 'anna' OR who = 'scanner'"""
    )
    pipeline.run_sql(
        """INSERT INTO conversions_waiting (recipient_id, name, occurred_at)
           VALUES ('anna', 'signup', now() + interval '1 s'),
                  ('bo', 'signup', now() + interval '1 s'), ('nobody', 'signup', now())"""
    )
    await settle(pipeline)
    assert kept(pipeline) == [
        ("anna", "signup", None, "clicked"),
        ("bo", "signup", None, "delivered"),
        ("nobody", "signup", None, None),
    ]
    assert sorted(counted(pipeline)) == [("clicked", 1, 1), ("delivered", 1, 1)]


async def test_what_is_none_is_set_aside_and_the_others_count(pipeline: Pipeline):
    pipeline.run_sql(
        """INSERT INTO conversions_waiting (recipient_id, name, value, currency)
           VALUES ('', 'signup', 1, 'EUR'), ('anna', 'sign up', 1, 'EUR'),
                  ('anna', 'signup', 'NaN', 'EUR'), ('anna', 'signup', 1, 'euro'),
                  ('anna', 'signup', NULL, NULL)"""
    )
    assert await settle(pipeline) == 5
    assert kept(pipeline) == [("anna", "signup", None, None)]
    problems = pipeline.column("SELECT problem FROM conversions_waiting ORDER BY problem")
    assert [problem.partition(":")[0] for problem in problems] == [
        "/currency", "/name", "/recipient_id", "/value",
    ]  # fmt: skip


async def test_a_crash_before_the_commit_counts_nothing_twice(pipeline: Pipeline):
    await sent(pipeline)
    pipeline.run_sql("INSERT INTO conversions_waiting (recipient_id, name) VALUES ('anna', 'a')")
    pipeline.run_sql("ALTER TABLE rollups RENAME TO away")
    with pytest.raises(Exception, match="rollups"):
        await settle(pipeline)
    pipeline.run_sql("ALTER TABLE away RENAME TO rollups")
    assert kept(pipeline) == []
    await settle(pipeline)
    assert counted(pipeline) == [("delivered", 1, 1)]


async def test_waits_a_moment_so_that_its_click_comes_first(pipeline: Pipeline):
    pipeline.run_sql("INSERT INTO conversions_waiting (recipient_id, name) VALUES ('anna', 'a')")
    assert await conversions.step(pipeline.runtime) == 0
    assert timedelta(seconds=1) < conversions.SETTLES


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/recipient_id"),
        ({**BOUGHT, "recipient_id": " "}, "/recipient_id"),
        ({**BOUGHT, "value": "x"}, "/value"),
        ({**BOUGHT, "occurred_at": "2999-01-01T00:00:00Z"}, "/occurred_at"),
        ({**BOUGHT, "key": "another"}, "/key"),
    ],
)
async def test_the_edge_says_what_is_wrong(edge: Edge, body: dict[str, Any], pointer: str):
    problem = await post(edge, body, 422, **{"Idempotency-Key": "o1"})
    assert pointer in {error["pointer"] for error in problem["errors"]}
    assert await edge.select("SELECT * FROM conversions_waiting") == []


async def test_needs_a_key_with_the_scope(edge: Edge):
    assert (await edge.http.post("/v1/conversions", json=BOUGHT)).status_code == 401
    bearer = await edge.bearer(Scope.EVENTS_WRITE)
    response = await edge.http.post("/v1/conversions", json=BOUGHT, headers=bearer)
    assert response.status_code == 403


async def test_of_who_was_erased_nothing_more_is_kept(pipeline: Pipeline):
    await sent(pipeline)
    pipeline.run_sql("INSERT INTO conversions_waiting (recipient_id, name) VALUES ('anna', 'a')")
    names, now = pipeline.runtime.pseudonyms, pipeline.clock.now()
    async with pipeline.runtime.database.begin() as tx:
        await tx.follow(erasures.ask("anna", names, "ada", "asked", now))
    pipeline.forget_catalog()
    assert await settle(pipeline) == 1
    assert kept(pipeline) == counted(pipeline) == []
    assert pipeline.rows("SELECT * FROM conversions_waiting") == []
