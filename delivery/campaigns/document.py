"""Understanding a campaign as people write it, in TOML, or saying what is wrong in it; and back."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from itertools import chain, count
from typing import Any

from pydantic import ValidationError

from delivery.blame import DocumentError, Loc, Said, unknown, words
from delivery.campaigns.body import CampaignBody
from delivery.files import ATTACHMENTS
from models.records import Class, Topic
from models.records.campaigns import Known

_PAGE = "docs/campaigns.md"


class CampaignError(DocumentError):
    """A document that is no campaign."""


def read_toml(text: str, known: Known, now: datetime) -> CampaignBody:
    """The campaign in a TOML text.

    Raises:
        CampaignError: It is no TOML, no campaign, or does not fit what there is.
    """
    return read(CampaignError.parse(text, "a campaign"), known, now, text)


def read(document: Mapping[str, Any], known: Known, now: datetime, text: str = "") -> CampaignBody:
    """The campaign in a document; with its `text`, faults say their lines.

    Raises:
        CampaignError: It is no campaign, or does not fit what there is.
    """
    body = formed(document, text)
    if found := list(contradictions(body, known, now)):
        raise CampaignError.at(found, document, text)
    return body


def formed(document: Mapping[str, Any], text: str = "") -> CampaignBody:
    """The campaign in a document of the right form, which may lack or contradict something yet.

    Raises:
        CampaignError: A field of it has another form.
    """
    try:
        return CampaignBody.model_validate(document)
    except ValidationError as error:
        raise CampaignError.at(_told(error), document, text) from None


def misread(document: Mapping[str, Any]) -> list[Said]:
    """The fields of a document that have no right form, each with the way to it."""
    try:
        CampaignBody.model_validate(document)
    except ValidationError as error:
        return _told(error)
    return []


def _told(error: ValidationError) -> list[Said]:
    return [(each["loc"], words(each, _PAGE)) for each in error.errors()]


def stored(document: Mapping[str, Any]) -> CampaignBody:
    """The campaign in a document that was read before."""
    return CampaignBody.model_validate(document)


def as_document(body: CampaignBody) -> dict[str, Any]:
    """The document of a campaign, without what is as it would be anyway; as JSON can say it."""
    return body.model_dump(mode="json", exclude_defaults=True)


def copied(document: Mapping[str, Any], taken: Collection[str]) -> dict[str, Any]:
    """What a campaign says as a new one: its moment has passed, so that is left out.

    Args:
        document: What is copied.
        taken: Keys there are.
    """
    key = f"{document['key']}-copy"
    numbered = chain([key], (f"{key}-{number}" for number in count(2)))
    free = next(each for each in numbered if each not in taken)
    kept = {name: value for name, value in document.items() if name != "schedule"}
    return kept | {"key": free, "title": f"{document['title']} (copy)"}


def contradictions(body: CampaignBody, known: Known, now: datetime) -> Iterator[Said]:
    """What no form of a field can say: whether it fits itself, and what else there is."""
    topic = known.topics.get(body.topic)
    if topic is None:
        yield ("topic",), unknown("topic", body.topic, known.topics)
    else:
        yield from _topic(topic)
        yield from _templates(body, topic, known)
    yield from _audience(body, known)
    yield from _files(body, known)
    yield from _schedule(body, now)
    yield from _keys(body)
    if body.winner and len(body.variants) < 2:  # noqa: PLR2004 - one has nobody to win against
        yield ("winner",), "there is nothing to test: give at least two variants"
    if body.winner and body.winner.by == "converted" and body.goal is None:
        yield ("winner", "by"), "say which conversion: add a [goal]"


def _topic(topic: Topic) -> Iterator[Said]:
    if topic.klass is Class.CRITICAL:
        yield ("topic",), "critical news is never a campaign: it could not be paused"
    if topic.digest is not None:
        yield ("topic",), "its news is collected into digests: name a topic that is not"
    if topic.sensitive:
        yield ("topic",), "its news is secret: name a topic that is not"
    if not topic.steps:
        yield ("topic",), "it has no steps: nobody would get anything"


def _templates(body: CampaignBody, topic: Topic, known: Known) -> Iterator[Said]:
    told: list[tuple[Loc, Mapping[str, str]]] = [
        (("steps", number, "templates"), one.templates) for number, one in enumerate(body.steps)
    ]
    told += [(("variants", n, "templates"), one.templates) for n, one in enumerate(body.variants)]
    channels = {step.channel for step in topic.steps}
    for loc, templates in told:
        for channel, template in templates.items():
            if fault := _template(channel, template, channels, known):
                yield (*loc, channel), fault
    for step in topic.steps:
        if step.template and step.template not in known.live:
            yield ("topic",), f"template {step.template} of its step {step.key} is not published"


def _template(channel: str, template: str, channels: set[str], known: Known) -> str | None:
    if channel not in channels:
        return f"the topic does not go out over {channel}: it has {', '.join(sorted(channels))}"
    if template not in known.channels:
        return unknown("template", template, known.channels)
    if known.channels[template] != channel:
        return f"template {template} is written for {known.channels[template]}, not for {channel}"
    if template not in known.live:
        return f"template {template} is not published: publish a version first"
    return None


def _audience(body: CampaignBody, known: Known) -> Iterator[Said]:
    if body.audience is None and not body.recipients:
        yield ("audience",), "say who gets it: an audience, or recipients"
    if body.audience is not None and body.recipients:
        yield ("recipients",), "an audience and recipients are both given: give one"
    if body.audience is not None and body.audience not in known.audiences:
        yield ("audience",), unknown("audience", body.audience, known.audiences)


def _files(body: CampaignBody, known: Known) -> Iterator[Said]:
    """Files that are not there, as far as their keys are written out: the others are filled."""
    topic = known.topics.get(body.topic)
    named: list[tuple[Loc, str]] = [
        ((ATTACHMENTS, number), key) for number, key in enumerate(body.attachments)
    ]
    named += [(("topic",), key) for key in (topic.attachments if topic else ())]
    for loc, key in named:
        if "{" not in key and key not in known.files:
            yield loc, f"file {key} is not there: add it with `tidings files add`"


def _schedule(body: CampaignBody, now: datetime) -> Iterator[Said]:
    schedule = body.schedule
    given = [name for name in ("at", "local_at", "cron") if getattr(schedule, name) is not None]
    if len(given) > 1:
        yield ("schedule", given[1]), f"{given[0]} is given too: give one of them"
    if schedule.local_at and (schedule.over or schedule.per_minute):
        yield ("schedule", "local_at"), "local times are neither spread nor throttled: choose one"
    if schedule.until and not schedule.cron:
        yield ("schedule", "until"), "only what recurs has an end: add cron, or leave it out"
    if schedule.recurring and (fault := schedule.recurring.fault(now)):
        yield ("schedule", "cron"), fault


def _keys(body: CampaignBody) -> Iterator[Said]:
    for name, listed in (("steps", body.steps), ("variants", body.variants)):
        keys = [one.key for one in listed]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                yield (name, number, "key"), f"an earlier one is called {key} too: rename one"
            elif "/" in key:
                yield (name, number, "key"), "leave the / out: reports tell run/step/variant by it"
    if not body.steps:
        yield ("steps",), "give at least one step, or leave them out"
    delays = [one.after for one in body.steps]
    if delays != sorted(delays):
        yield ("steps",), "put them in the order in which they go: after counts from the start"
