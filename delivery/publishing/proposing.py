"""What is proposed when somebody publishes: what is live, with their drafts over it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from urllib.parse import urlsplit

from delivery.contexts import person
from delivery.publishing.material import Proposal, Sample, Use
from delivery.rendering.saving import equipped
from models.readings.publishing import Publishable, SampledEvent
from models.records import TemplateHead, TemplateVersion, Words


def drafted(there: Publishable, live: Sequence[TemplateVersion]) -> dict[str, TemplateVersion]:
    """A template in every locale as its drafts say it; what is not drafted keeps its words.

    Args:
        there: The template.
        live: What partials say now, by key, the default locale of each first.
    """
    words = {text.locale: text.words for text in there.live}
    words |= {draft.locale: draft.words for draft in there.drafts}
    return {locale: written(there.head, locale, said, live) for locale, said in words.items()}


def written(
    head: TemplateHead, locale: str, words: Words, live: Sequence[TemplateVersion]
) -> TemplateVersion:
    """Words as a version that is not compiled yet and has no number, beside all partials."""
    said = asdict(words)
    return equipped(TemplateVersion(head.template, 0, head.channel, locale=locale, **said), live)


def proposed(
    there: Publishable, texts: Mapping[str, TemplateVersion], addresses: tuple[str, ...]
) -> Proposal:
    """What the checks look at.

    Args:
        there: What is known of the template.
        texts: What it shall say, by locale.
        addresses: Base URLs of our own servers.
    """
    locales = {each.locale for each in there.profiles.values() if each.locale}
    hosts = {urlsplit(each).hostname or "" for each in addresses}
    return Proposal(
        texts=texts,
        default=there.head.locale,
        uses=tuple(Use.of(topic, there.head.template) for topic in there.topics),
        samples=tuple(_sample(there, event) for event in there.events),
        wanted=frozenset(locales),
        hosts=frozenset(hosts - {"", "localhost"}),
    )


def _sample(there: Publishable, event: SampledEvent) -> Sample:
    profile = there.profiles.get(event.recipient or "")
    recipient = None if profile is None else person(profile)
    said = {"actor": event.actor, "created_at": event.created_at.isoformat()}
    return Sample(event.topic, event.data, recipient, said)
