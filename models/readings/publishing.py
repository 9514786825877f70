"""What is known of a template before it is published."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models.records import Class, Profile, TemplateDraft, TemplateHead, TemplateVersion, Topic


@dataclass(frozen=True, slots=True)
class SampledEvent:
    """An event of a topic, and the first one it was for."""

    topic: str
    data: Any
    actor: str | None
    created_at: datetime
    recipient: str | None


@dataclass(frozen=True, slots=True)
class Publishable:
    """A template as it is sent, and as it would be.

    Attributes:
        live: What is sent now, in every locale.
        drafts: What somebody would like to send.
        topics: Those that say something with it.
        events: Newest first; of sensitive topics there are none.
        profiles: Of those the events were for.
    """

    head: TemplateHead
    team: str | None
    live: tuple[TemplateVersion, ...]
    drafts: tuple[TemplateDraft, ...]
    topics: tuple[Topic, ...]
    events: tuple[SampledEvent, ...]
    profiles: Mapping[str, Profile]

    @property
    def classes(self) -> frozenset[Class]:
        """Of the topics that say something with it."""
        return frozenset(topic.klass for topic in self.topics)

    def beside(self, topic: Topic) -> "Publishable":
        """The same template beside a topic as it would be."""
        others = (one for one in self.topics if one.key != topic.key)
        return replace(self, topics=(*others, topic))

    @property
    def revisions(self) -> dict[str, int]:
        """How far each draft is, by locale: what was looked at."""
        return {draft.locale: draft.revision for draft in self.drafts}
