"""The steps in which one writes a campaign, and which field stands in which. Pure."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from delivery.blame import Loc, Said


class Step(StrEnum):
    """A step of the wizard; its value is the title."""

    WHAT = "What"
    WHO = "Who"
    WHEN = "When"
    HOW = "How"
    REVIEW = "Review"


_OF = {
    "key": Step.WHAT, "title": Step.WHAT, "topic": Step.WHAT, "team": Step.WHAT, "data": Step.WHAT,
    "reply_to": Step.WHAT, "attachments": Step.WHAT,
    "audience": Step.WHO, "recipients": Step.WHO, "holdout": Step.WHO,
    "schedule": Step.WHEN,
    "steps": Step.HOW, "variants": Step.HOW, "winner": Step.HOW, "canary": Step.HOW,
    "goal": Step.HOW,
}  # fmt: skip
_ORDER = list(Step)
_SLUG = re.compile(r"[^a-z0-9]+")
_SAID: Mapping[Loc, str] = {
    ("key",): "A key is up to 200 of letters, digits and _ . : / -, without spaces.",
    ("title",): "Give it a title.",
    ("topic",): "Choose a topic: its class, category and templates hold.",
    ("data",): 'Write a JSON object of at most 4 KB, like {"release": "4.0"}.',
}
"""What is said at fields where the form says it in the words of a program."""
_LACKS = {"Field required": "It is empty: fill it in."}


def step_of(loc: Loc) -> Step:
    """The step in which a field stands."""
    return _OF.get(str(loc[0]), Step.REVIEW) if loc else Step.REVIEW


def named(text: str | None) -> Step:
    """The step of a URL; the first one where it names none."""
    return next((one for one in Step if one.lower() == str(text).lower()), Step.WHAT)


def after(step: Step) -> Step:
    """The next one; the last one stays."""
    return _ORDER[min(_ORDER.index(step) + 1, len(_ORDER) - 1)]


def before(step: Step) -> Step:
    """The one before; the first one stays."""
    return _ORDER[max(_ORDER.index(step) - 1, 0)]


def at(faults: Iterable[Said], *loc: int | str) -> list[str]:
    """What is wrong with a field, or inside of it."""
    return [words for where, words in faults if tuple(where[: len(loc)]) == loc]


def plainly(faults: Iterable[Said]) -> list[Said]:
    """Faults of the form in words for people."""
    return [(loc, _SAID.get(tuple(loc), _LACKS.get(words, words))) for loc, words in faults]


def key_of(title: str) -> str:
    """A key for a campaign of this title: `Spring release` → spring-release."""
    return _SLUG.sub("-", title.lower()).strip("-")[:100]


def begun(query: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a new campaign, as its URL has it so far."""
    named_ = {name: str(query.get(name, "")) for name in ("key", "title", "topic")}
    given = {name: str(query[name]) for name in ("team", "audience") if query.get(name)}
    return {**named_, **given}
