"""What a template is filled with in a preview: an example person, and data of the topic. Pure."""

import json
from typing import Any

from dashboard.reading.reports import TemplateReport
from models.records import Topic

_RECIPIENT = {
    "id": "anna",
    "name": "Anna Berg",
    "locale": "en",
    "timezone": "Europe/Stockholm",
    "attributes": {},
}


def choices(report: TemplateReport) -> dict[str, Any]:
    """The data one can begin with, by the words it is offered under."""
    found: dict[str, Any] = {}
    for topic in report.topics:
        for number, example in enumerate(examples_of(topic), start=1):
            found[f"{topic.key}: example {number}"] = example
        if topic.key in report.last_data:
            found[f"{topic.key}: last real event"] = report.last_data[topic.key]
    return found or {"No data": {}}


def examples_of(topic: Topic) -> list[Any]:
    """The examples of a topic's JSON Schema."""
    schema = json.loads(topic.schema) if topic.schema else {}
    examples = schema.get("examples", []) if isinstance(schema, dict) else []
    return examples if isinstance(examples, list) else []


def context(data: Any, topic: Topic | None) -> dict[str, Any]:
    """All that a template sees, for an example person."""
    about = {"key": "example", "title": "Example", "category": "example"}
    if topic is not None:
        about = {"key": topic.key, "title": topic.title, "category": topic.category}
    return {
        "data": data,
        "recipient": dict(_RECIPIENT),
        "topic": about,
        "event": {
            "id": "00000000-0000-8000-8000-000000000000",
            "actor": "mark",
            "created_at": "2026-01-31T09:30:00+00:00",
        },
        "links": {
            "unsubscribe": "https://example.com/unsubscribe",
            "preferences": "https://example.com/preferences",
        },
    }
