"""What an editor offers while somebody writes: variables, filters, elements. Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from delivery.publishing.examples import examples_of
from delivery.rendering.elements import grammar
from delivery.rendering.sandbox import HTML
from models.records import Topic

_DEEPEST = 4
_FIRST_WORDS = re.compile(r"[:;.](?:\s|$)")
_STANDING = {
    "recipient.id": "who gets it",
    "recipient.name": "or null",
    "recipient.locale": "like de-AT",
    "recipient.timezone": "like Europe/Vienna",
    "recipient.attributes": "what your profiles hold",
    "event.id": "",
    "event.actor": "who caused it, or null",
    "event.created_at": "ISO 8601, UTC",
    "topic.key": "",
    "topic.title": "",
    "topic.category": "",
    "links.unsubscribe": "null where a topic is mandatory",
    "links.preferences": "",
    "links.browser": "null where a topic is sensitive",
    "items": "the news of a digest, oldest first",
    "count": "how many news",
    "others": "how many besides one",
    "actors": "who caused them, each once",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that may be written; `detail` is its type or meaning."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All of them; `grammar` holds MJML's elements, and nothing where none are written."""

    variables: tuple[Term, ...] = ()
    filters: tuple[Term, ...] = ()
    grammar: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)


def vocabulary(topics: Iterable[Topic], *, mjml: bool) -> Vocabulary:
    """What can be written in a template of these topics."""
    found = {name: detail for topic in topics for name, detail in _of_topic(topic)}
    variables = [Term(name, detail) for name, detail in sorted(found.items())]
    variables += [Term(name, detail) for name, detail in _STANDING.items()]
    filters = tuple(Term(name, _meaning(name)) for name in sorted(HTML.filters))
    return Vocabulary(tuple(variables), filters, grammar() if mjml else {})


def _meaning(name: str) -> str:
    """The first sentence about a filter of ours; Jinja's own are known by their names."""
    made = HTML.filters[name]
    if not made.__module__.startswith("delivery.rendering.filters"):
        return ""
    return _FIRST_WORDS.split(made.__doc__ or "", maxsplit=1)[0].strip()


def _of_topic(topic: Topic) -> Iterator[tuple[str, str]]:
    for example in examples_of(topic.schema):
        yield from _of_value("data", example)
    yield from _of_schema("data", json.loads(topic.schema) if topic.schema else {})


def _of_schema(path: str, schema: Any) -> Iterator[tuple[str, str]]:
    """The paths a schema names, with their types."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or path.count(".") >= _DEEPEST:
        return
    for name, told in properties.items():
        inner = f"{path}.{name}"
        kind = told.get("type", "") if isinstance(told, dict) else ""
        yield inner, " or ".join(kind) if isinstance(kind, list) else str(kind)
        yield from _of_schema(inner, told)


def _of_value(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """The paths an example holds, with the types of what is there."""
    if not isinstance(value, dict) or path.count(".") >= _DEEPEST:
        return
    for name, held in value.items():
        inner = f"{path}.{name}"
        yield inner, _KINDS.get(type(held), "")
        yield from _of_value(inner, held)


_KINDS: Mapping[type, str] = {
    str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object",
}  # fmt: skip
