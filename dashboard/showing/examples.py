"""What a template is filled with in a preview: an example person, and data of the topic. Pure."""

from collections.abc import Mapping
from typing import Any

from dashboard.reading.reports import TemplateReport
from delivery.publishing.cases import ANNA, whole
from delivery.publishing.examples import examples_of
from delivery.publishing.material import UNUSED, Sample, Use
from models.records import Topic


def choices(report: TemplateReport) -> dict[str, Any]:
    """The data one can begin with, by the words it is offered under."""
    found: dict[str, Any] = {}
    for topic in report.topics:
        for number, example in enumerate(examples_of(topic.schema), start=1):
            found[f"{topic.key}: example {number}"] = example
        if topic.key in report.last_data:
            found[f"{topic.key}: last real event"] = report.last_data[topic.key]
    return found or {"No data": {}}


def context(data: Any, topic: Topic | None, recipient: Mapping[str, Any] = ANNA) -> dict[str, Any]:
    """All that a template sees, for somebody who gets it."""
    use = UNUSED if topic is None else Use(topic.key, topic.title, topic.category, topic.klass)
    return whole(Sample(use.key, data, recipient), use, "en", "email")
