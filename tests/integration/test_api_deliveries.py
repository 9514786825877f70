"""How a delivery stands and why, asked over HTTP."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from models.queries.configuring.keys import Scope
from models.reasons import Skip
from tests.edge import Edge, edge_on
from tests.pipeline import Pipeline

SECRET = '{"gate": [["recipient", "keep"], ["address", "skip:no_address", "0000"]]}'


@pytest.fixture
async def edge(pipeline: Pipeline) -> AsyncIterator[Edge]:
    async with edge_on(pipeline.url) as edge:
        edge.http.headers.update(await edge.bearer(Scope.DELIVERIES_READ))
        yield edge


async def ask(edge: Edge, identifier: object, what: str = "") -> dict[str, Any]:
    response = await edge.http.get(f"/v1/deliveries/{identifier}{what}")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def delivery(pipeline: Pipeline, **topic: Any) -> UUID:
    await pipeline.topic(channels=("email",), **topic)
    pipeline.emit(recipients=["nobody"])
    await pipeline.plan()
    return UUID(str(pipeline.value("SELECT delivery_id FROM queue")))


async def test_tells_how_a_delivery_stands_before_and_after(edge: Edge, pipeline: Pipeline):
    identifier = await delivery(pipeline)
    told = await ask(edge, identifier)
    assert (told["state"], told["reason"], told["topic"]) == ("scheduled", None, "board.shared")
    await pipeline.send()
    told = await ask(edge, identifier)
    assert (told["state"], told["reason"]) == ("skipped", "unknown_recipient")
    assert told["sentence"] == Skip.UNKNOWN_RECIPIENT.sentence
    assert "address" not in told


async def test_explains_every_check_in_order(edge: Edge, pipeline: Pipeline):
    identifier = await delivery(pipeline)
    await pipeline.send()
    checks = (await ask(edge, identifier, "/explain"))["checks"]
    assert checks[0]["stage"] == "plan"
    assert (checks[-1]["check"], checks[-1]["outcome"]) == ("recipient", "skipped")
    assert checks[-1]["sentence"] == Skip.UNKNOWN_RECIPIENT.sentence
    assert {check["outcome"] for check in checks[:-1]} == {"kept"}


@pytest.mark.parametrize("how", ["sensitive", "gone"])
async def test_what_is_secret_is_not_told(edge: Edge, pipeline: Pipeline, how: str):
    identifier = await delivery(pipeline, sensitive=how == "sensitive")
    change = "UPDATE deliveries SET detail = '0000', response = '0000', trace = %s"
    await pipeline.send()
    pipeline.run_sql(change, SECRET)
    if how == "gone":
        assert "0000" in str(await ask(edge, identifier, "/explain"))
        pipeline.run_sql("UPDATE deliveries SET topic = 'gone'")
    for what in ("", "/explain"):
        told = await ask(edge, identifier, what)
        assert "0000" not in str(told)
    assert told["checks"][-1]["outcome"] == "skipped"
    pipeline.run_sql("UPDATE deliveries SET topic = 'board.shared'")


NOBODY = UUID(int=(20_000 << 112) | (8 << 76) | (2 << 62) | 1)
UNKNOWN = [(NOBODY, 404), (UUID(int=7), 404), ("tpyo", 422)]


@pytest.mark.parametrize(("identifier", "status"), UNKNOWN)
@pytest.mark.parametrize("what", ["", "/explain"])
async def test_what_is_not_kept_is_a_problem(
    edge: Edge, identifier: object, status: int, what: str
):
    response = await edge.http.get(f"/v1/deliveries/{identifier}{what}")
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("what", ["", "/explain"])
async def test_only_a_key_with_the_scope_may_ask(edge: Edge, pipeline: Pipeline, what: str):
    path = f"/v1/deliveries/{await delivery(pipeline)}{what}"
    other = await edge.bearer(Scope.EVENTS_WRITE, Scope.FEED_READ)
    assert (await edge.http.get(path, headers=other)).status_code == 403
    assert (await edge.http.get(path, headers={"Authorization": ""})).status_code == 401


async def test_the_documentation_lists_it(edge: Edge):
    paths = (await edge.http.get("/openapi.json")).json()["paths"]
    for path in ("/v1/deliveries/{delivery_id}", "/v1/deliveries/{delivery_id}/explain"):
        assert paths[path]["get"]["security"]
