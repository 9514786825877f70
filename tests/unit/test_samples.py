"""The samples can be filled with as little and as much as the schemas of their topics allow."""

import json
from dataclasses import asdict

import fastjsonschema
import pytest

from delivery.messages import Content
from delivery.publishing.filling import words
from delivery.publishing.judging import findings
from delivery.publishing.material import Proposal, Use
from delivery.rendering.fill import fill, prepare
from models.records import Step, Topic
from scheduler.samples import CATEGORIES, TEMPLATES, TOPICS

VERSIONS = {version.template: version for _, version in TEMPLATES}
STEPS = [pytest.param(topic, step, id=step.template) for topic in TOPICS for step in topic.steps]
PAGE = {"page": "Great Wave"}


def filled(topic: Topic, step: Step, data: dict[str, object], actor: str | None = None) -> Content:
    recipient = {"id": "anna", "name": None, "locale": "de", "timezone": None, "attributes": {}}
    context = {
        "data": data,
        "recipient": recipient,
        "topic": {"key": topic.key, "title": topic.title, "category": topic.category},
        "event": {"id": "e", "actor": actor, "created_at": "2026-01-31T09:30:00+00:00"},
        "links": {
            "unsubscribe": "https://example.com/u/sample",
            "preferences": "https://example.com/p/sample",
        },
    }
    return fill(prepare(VERSIONS[step.template]), context)


def topic_of(key: str) -> Topic:
    return next(topic for topic in TOPICS if topic.key == key)


@pytest.mark.parametrize(("topic", "step"), STEPS)
def test_is_filled_with_the_example_of_its_schema(topic: Topic, step: Step):
    [example] = json.loads(topic.schema)["examples"]
    fastjsonschema.validate(json.loads(topic.schema), example)
    assert example[json.loads(topic.schema)["required"][0]] in str(
        asdict(filled(topic, step, example))
    )


@pytest.mark.parametrize(("topic", "step"), STEPS)
def test_is_filled_with_no_more_than_its_schema_requires(topic: Topic, step: Step):
    schema = json.loads(topic.schema)
    assert filled(topic, step, dict.fromkeys(schema["required"], "Great Wave")).subject


@pytest.mark.parametrize(("topic", "step"), STEPS)
def test_nothing_stands_in_the_way_of_publishing_it(topic: Topic, step: Step):
    use = Use.of(topic, str(step.template))
    proposal = Proposal({"en": VERSIONS[step.template]}, "en", (use,))
    assert findings(words(proposal, fill)) == []


def test_names_the_actor_and_shows_what_was_said():
    topic = topic_of("page.edited")
    said = {**PAGE, "comment": "a <b>bold</b> claim", "delta": -1234}
    mail = filled(topic, topic.steps[1], said, actor="Bo")
    assert mail.subject == "Bo edited Great Wave"
    assert "a &lt;b&gt;bold&lt;/b&gt; claim" in mail.html
    assert "changed by -1.234." in mail.html


def test_says_nothing_of_a_length_that_did_not_change():
    topic = topic_of("page.edited")
    assert "length" not in filled(topic, topic.steps[1], {**PAGE, "delta": 0}).html


def test_every_sample_topic_is_of_a_category_people_can_read():
    assert {topic.category for topic in TOPICS} == {category.key for category in CATEGORIES}
