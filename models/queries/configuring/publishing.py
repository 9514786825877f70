"""What is read of a template before it is published, and publishing its drafts."""

from collections.abc import Collection, Mapping
from datetime import datetime

from models.queries.arrays import array
from models.queries.configuring import catalog, drafts, templates
from models.queries.console.teams import Owned, owner_of
from models.queries.routing import EVERYWHERE, routed
from models.queries.sending.facts import profiles
from models.query import Query, Story, records
from models.readings.publishing import Publishable, SampledEvent
from models.records import NewVersion, TemplateHead, TemplateKind, Topic

_LOOKED_AT = 500
"""Newest events of all that are looked at for some of a topic."""
_EACH = 5
"""Events of each topic that a template is tried with."""


def publishable(template: str) -> Story[Publishable | None]:
    """A template with all that its drafts are judged by; `None` when there is none."""
    found = yield templates.heads()
    head: TemplateHead | None = found.get(template)
    if head is None:
        return None
    topics = yield catalog.topics()
    used = [topic for topic in topics.values() if _uses(topic, template)]
    events = yield sampled([topic.key for topic in used if not topic.sensitive])
    recipients = [event.recipient for event in events if event.recipient is not None]
    return Publishable(
        head=head,
        team=(yield owner_of(Owned.TEMPLATE, template)),
        live=tuple((yield templates.texts(template, head.live_version or 0))),
        drafts=tuple((yield drafts.drafts(template))),
        topics=tuple(used),
        events=tuple(events),
        profiles=(yield profiles(recipients)) if recipients else {},
    )


def users_of(piece: str) -> Story[list[Publishable]]:
    """The templates whose live versions include a partial or layout, with all that is known."""
    heads: list[TemplateHead] = yield templates.used_by(piece)
    found = []
    for head in heads:
        user = (
            (yield from publishable(head.template)) if head.kind is TemplateKind.TEMPLATE else None
        )
        if user is not None:
            found.append(user)
    return found


def _uses(topic: Topic, template: str) -> bool:
    return any(step.template == template for step in topic.steps)


def sampled(topics: Collection[str]) -> Query[list[SampledEvent]]:
    """Some of the newest events of each of these topics, if they are among the newest of all."""
    return routed(
        """
        SELECT topic, data, actor, created_at, recipients[1]
          FROM (SELECT topic, data, actor, created_at, recipients,
                       row_number() OVER (PARTITION BY topic ORDER BY created_at DESC) AS place
                  FROM (SELECT topic, data, actor, created_at, recipients, state, test
                          FROM events WHERE bucket = ANY(:slice)
                         ORDER BY created_at DESC LIMIT :looked_at) newest
                 WHERE topic = ANY(CAST(:topics AS text[])) AND state <> 'rejected'
                   AND NOT test) placed
         WHERE place <= :each ORDER BY created_at DESC
        """,
        EVERYWHERE,
        records(SampledEvent),
        topics=array(sorted(topics)),
        looked_at=_LOOKED_AT,
        each=_EACH,
    )


def publish_drafts(new: NewVersion, revisions: Mapping[str, int], at: datetime) -> Story[bool]:
    """Keep a version, send it from now on, and throw away the drafts it was made of.

    Returns:
        Whether it was kept: not when a version of this number is there already.
    """
    kept: bool = yield from templates.publish_version(new)
    if kept:
        yield templates.set_live(new.head.template, new.version, at)
        yield from discard(new.head.template, revisions)
    return kept


def discard(template: str, revisions: Mapping[str, int]) -> Story[None]:
    """Throw away the drafts a version was made of, as they were read."""
    for locale, revision in revisions.items():
        yield drafts.discard_draft(template, locale, revision)
