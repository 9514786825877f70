"""Whom and what a template is filled with before it may go live. Pure."""

from collections.abc import Iterator
from typing import Any

from delivery.contexts import NO_LINKS, context
from delivery.digests.items import counted, item
from delivery.publishing.examples import examples_of, made_up
from delivery.publishing.material import UNUSED, Case, Kind, Proposal, Sample, Use
from delivery.publishing.personas import TEXTS, personas
from models.records import Json

UNSUBSCRIBE, PREFERENCES, BROWSER = (f"https://tidings.invalid/{kind}/anna" for kind in "upv")
"""Where our own links lead while nobody is written to."""
ANNA: Json = {
    "id": "anna",
    "name": "Anna Berg",
    "locale": "en",
    "timezone": "Europe/Stockholm",
    "attributes": {},
}
"""Whom a template is filled for where nobody is named."""
EVENT: Json = {
    "id": "00000000-0000-8000-8000-000000000000",
    "actor": "mark",
    "created_at": "2026-01-31T09:30:00+00:00",
}
"""What a template is told of where nothing happened."""
BARE = "only what is required"
EDGES = (*TEXTS, BARE)
"""At which of the edges a recipient, too, is another."""
_TOGETHER = 50
"""News in the digest that a template which may get one is filled with."""


def cases(proposal: Proposal, locale: str, channel: str) -> Iterator[Case]:
    """Everything one language is filled with: what happened, examples, and their edges."""
    for use in proposal.uses or (UNUSED,):
        known = list(_known(proposal, use))
        usual = [sample.data for _, _, sample in known]
        for name, kind, sample in known:
            yield _case(use, name, kind, whole(sample, use, locale, channel))
        for name, sample in _edges(use, usual):
            yield _case(use, name, Kind.EDGE, whole(sample, use, locale, channel))
        if use.collects:
            yield _digest(use, whole(Sample(use.key, usual[0]), use, locale, channel))


def _case(use: Use, name: str, kind: Kind, context: Json) -> Case:
    return Case(f"{use.key}: {name}", kind, use, context)


def whole(sample: Sample, use: Use, locale: str, channel: str) -> dict[str, Any]:
    """All that a template sees of a sample, for whoever reads this language."""
    recipient = {**ANNA, "locale": locale, **(sample.recipient or {})}
    links = NO_LINKS if channel == "in_app" else _links(use)
    return context(
        {"data": sample.data},
        recipient,
        (use.key, use.title, use.category),
        {**EVENT, **(sample.event or {})},
        links,
    )


def _links(use: Use) -> Json:
    return {
        "unsubscribe": None if use.mandatory else UNSUBSCRIBE,
        "preferences": PREFERENCES,
        "browser": None if use.sensitive else BROWSER,
    }


def _known(proposal: Proposal, use: Use) -> Iterator[tuple[str, Kind, Sample]]:
    """What is usual; something is made up where nothing is known."""
    real = [one for one in proposal.samples if one.topic == use.key]
    examples = examples_of(use.schema)
    for number, one in enumerate(real, start=1):
        yield f"event {number}", Kind.REAL, one
    for number, data in enumerate(examples, start=1):
        yield f"example {number}", Kind.EXAMPLE, Sample(use.key, data)
    if not real and not examples:
        yield "made up", Kind.EDGE, Sample(use.key, made_up(use.schema))


def _edges(use: Use, usual: list[Any]) -> Iterator[tuple[str, Sample]]:
    """Each of what is usual at each edge; what looks alike is one."""
    seen: list[Any] = []
    for number, data in enumerate(usual, start=1):
        for name, made in personas(use.schema, data):
            if made not in seen:
                seen.append(made)
                sample = Sample(use.key, made, person_at(name), _event(name))
                yield (name if number == 1 else f"{name}, {number}"), sample
    yield "nobody's name", Sample(use.key, usual[0], person_at(BARE))


def person_at(name: str) -> Json:
    """A recipient as far at the edge as the data."""
    if name in TEXTS:
        return {"name": TEXTS[name]("Anna")}
    if name == BARE:
        return {"name": None, "timezone": None}
    return {}


def _event(name: str) -> Json:
    return {"actor": None} if name == BARE else {}


def _digest(use: Use, one: dict[str, Any]) -> Case:
    event = one["event"]
    news = [item(one["data"], event["actor"], event["created_at"])] * _TOGETHER
    together = {**one, **counted(news, len(news))}
    return _case(use, f"a digest of {_TOGETHER}", Kind.EDGE, together)
