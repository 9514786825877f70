"""Understanding a topic as people write it, in TOML, or saying what is wrong in it; and back."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from delivery.blame import DocumentError, words
from delivery.rulebook.spans import spelled
from delivery.topics.body import TopicBody
from delivery.topics.checks import Known, contradictions
from models.records import OnUnsent, Step, Throttle, Topic

_PAGE = "docs/authoring.md"


class TopicError(DocumentError):
    """A document that is no topic."""


def read_toml(text: str, known: Known) -> Topic:
    """The topic in a TOML text.

    Raises:
        TopicError: It is no TOML, no topic, or does not fit what there is.
    """
    return read(TopicError.parse(text, "a topic"), known, text)


def read(document: Mapping[str, Any], known: Known, text: str = "") -> Topic:
    """The topic in a document.

    Args:
        document: As people write it.
        known: What it may name.
        text: What it was read from: faults then tell their lines.

    Raises:
        TopicError: It is no topic, or does not fit what there is.
    """
    try:
        topic = TopicBody.model_validate(document).topic()
    except ValidationError as error:
        said = [(each["loc"], words(each, _PAGE)) for each in error.errors()]
        raise TopicError.at(said, document, text) from None
    if faults := list(contradictions(topic, known)):
        raise TopicError.at(faults, document, text)
    return topic


def as_document(topic: Topic) -> dict[str, Any]:
    """The document of a topic, without what is as it would be anyway; reading it gives the same."""
    fields = {
        "key": topic.key,
        "title": topic.title,
        "category": topic.category,
        "class": str(topic.klass),
        "mandatory": topic.mandatory or None,
        "sensitive": topic.sensitive or None,
        "on_doubt": topic.on_doubt,
        "dedup_window": spelled(topic.dedup_window),
        "lifetime": _written(topic.lifetime),
        "same_content": _written(topic.same_content),
        "max_lateness": _written(topic.max_lateness),
        "on_late": topic.on_late,
        "track_opens": topic.track_opens,
        "track_clicks": topic.track_clicks,
        "attribution": _written(topic.attribution),
        "reply_to": topic.reply_to,
        "cancels": list(topic.cancels) or None,
        "throttle": _throttle(topic.throttle),
        "schema": None if topic.schema is None else _pretty(topic.schema),
        "steps": [_step(step) for step in topic.steps] or None,
        "digest": topic.digest and topic.digest.document,
        "attachments": list(topic.attachments) or None,
        "calendar": topic.calendar and topic.calendar.document,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _throttle(throttle: Throttle | None) -> dict[str, Any] | None:
    if throttle is None:
        return None
    fields = {
        "limit": throttle.limit,
        "within": spelled(throttle.window),
        "key": throttle.key,
        "over": str(throttle.over),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _step(step: Step) -> dict[str, Any]:
    fields = {
        "key": step.key,
        "channel": step.channel,
        "template": step.template,
        "after": _written(step.after),
        "unless": step.unless and str(step.unless),
        "on_unsent": None if step.on_unsent is OnUnsent.WAIT else str(step.on_unsent),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _written(length: timedelta | None) -> str | None:
    return None if length is None else spelled(length)


def _pretty(schema: str) -> str:
    """JSON as people read it; the same for the same schema, however it was written."""
    return json.dumps(json.loads(schema), indent=2, ensure_ascii=False, sort_keys=True)
