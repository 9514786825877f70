"""Whom a campaign is filled for before it goes: people of its audience, and edge cases. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from delivery.campaigns.assigning import part
from delivery.campaigns.body import CampaignBody
from delivery.contexts import person
from delivery.publishing.cases import EDGES, person_at, whole
from delivery.publishing.material import Sample, Use
from delivery.rendering.locales import nearest
from models.records import Json, Profile, TemplateVersion, Topic

PEOPLE = 8
"""How many of the audience are looked at."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """One message as somebody would get it.

    Attributes:
        who: A recipient's id, or what an edge case is called.
        said_in: Steps of the campaign that say it, with their variants.
        version: In the language of theirs, or the nearest to it.
    """

    who: str
    said_in: str
    version: TemplateVersion
    context: Json


def sampled(key: str, recipients: Iterable[str]) -> list[str]:
    """Some of these by a stable hash: whoever looks sees the same ones."""
    return sorted(recipients, key=lambda who: part(f"{key}/sample", who))[:PEOPLE]


def messages(body: CampaignBody, topic: Topic) -> dict[str, str]:
    """Template to the steps that say it; what is a variant is named."""
    found: dict[str, list[str]] = {}
    for step in body.steps:
        ways = [one.key for one in body.variants] if step is body.steps[0] else []
        for variant in ways or [""]:
            chosen = body.templates(step.key, variant)
            for one in topic.steps:
                template = chosen.get(one.channel, one.template)
                if template is not None:
                    said = f"{step.key}/{variant}" if variant else step.key
                    found.setdefault(template, []).append(said)
    return {template: ", ".join(dict.fromkeys(said)) for template, said in found.items()}


def samples(
    body: CampaignBody,
    topic: Topic,
    texts: Mapping[str, Sequence[TemplateVersion]],
    people: Collection[Profile],
    now: datetime,
) -> Iterator[Sampled]:
    """Every message for each of these people, then for the edges of what the topic allows.

    Args:
        body: The campaign.
        topic: Its.
        texts: Template to its version in force, in each locale, the default one first.
        people: Of its audience.
        now: When it would be.
    """
    for template, said_in in messages(body, topic).items():
        use = Use.of(topic, template)
        for who, locale, sample in (*_real(body, people, now), *_edge(body)):
            version = nearest(locale, texts.get(template, ()))
            if version is not None:
                context = whole(sample, use, version.locale, version.channel)
                yield Sampled(who, said_in, version, context)


def _real(
    body: CampaignBody, people: Iterable[Profile], now: datetime
) -> Iterator[tuple[str, str | None, Sample]]:
    event = {"actor": None, "created_at": now.isoformat()}
    for one in people:
        yield one.recipient_id, one.locale, Sample(body.topic, dict(body.data), person(one), event)


def _edge(body: CampaignBody) -> Iterator[tuple[str, str | None, Sample]]:
    """People at the edge; the data is what all get: of a campaign it never differs."""
    for name in EDGES:
        recipient = {"id": name, **person_at(name)}
        yield name, None, Sample(body.topic, dict(body.data), recipient, {"actor": None})
