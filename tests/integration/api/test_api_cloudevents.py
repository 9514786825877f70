"""`/v1/events` in the words of CloudEvents."""

import pytest

from tests.edge import Edge
from tests.integration.api.test_api_events import outbox, post

CLOUD = {
    "specversion": "1.0",
    "id": "A234",
    "source": "/boards/42",
    "type": "board.shared",
    "subject": "board:42",
    "time": "2026-11-22T09:00:00Z",
    "datacontenttype": "application/json",
    "recipients": "anna, bo",
    "priority": 5,
    "partitionkey": "not ours",
    "data": {"board": "Roadmap"},
}


async def test_takes_a_structured_cloud_event(edge: Edge, producer: dict[str, str]):
    response = await post(edge, producer, CLOUD, content_type="application/cloudevents+json")
    assert response.status_code == 202
    [row] = await outbox(edge)
    assert row["topic"] == "board.shared"
    assert row["recipients"] == ["anna", "bo"]
    assert row["thread"] == "board:42"
    assert row["data"] == {"board": "Roadmap"}
    assert row["priority"] == 5
    assert row["dedup_key"] == "/boards/42 A234"


async def test_takes_a_binary_cloud_event_as_the_same(edge: Edge, producer: dict[str, str]):
    """Headers are percent-encoded UTF-8 (HTTP binding, section 3.1.3.2)."""
    structured = {**CLOUD, "subject": "brücke:1"}
    first = await post(edge, producer, structured, content_type="application/cloudevents+json")
    attributes = {
        f"ce-{name}": str(value)
        for name, value in CLOUD.items()
        if name not in {"data", "datacontenttype"}
    }
    attributes["ce-subject"] = "br%C3%BCcke:1"
    again = await post(edge, producer, CLOUD["data"], **attributes)
    assert again.json() == first.json()
    assert len(await outbox(edge)) == 1


async def test_an_idempotency_key_goes_before_the_cloud_events_id(
    edge: Edge, producer: dict[str, str]
):
    await post(
        edge, producer, CLOUD, content_type="application/cloudevents+json", idempotency_key="mine"
    )
    [row] = await outbox(edge)
    assert row["dedup_key"] == "mine"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"id": ""}, "/id"),
        ({"type": None}, "/type"),
        ({"priority": "high"}, "/priority"),
        ({"notbefore": "soon"}, "/notbefore"),
        ({"data": None, "data_base64": "AAAA"}, "/data_base64"),
    ],
)
async def test_refuses_a_broken_cloud_event_in_its_own_words(
    edge: Edge, producer: dict[str, str], change: dict[str, object], pointer: str
):
    event = {**CLOUD, **change}
    response = await post(edge, producer, event, content_type="application/cloudevents+json")
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
