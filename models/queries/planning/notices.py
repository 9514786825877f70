"""Telling people of the installation something: through its own outbox, as anybody would."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.profiles import NewProfile
from models.queries.configuring import catalog, templates
from models.queries.people import recipients
from models.queries.people.staging import in_parameters
from models.queries.planning.emit import insert_outbox
from models.query import Story
from models.records import OutboxRow, TemplateVersion, Topic


@dataclass(frozen=True, slots=True)
class Telling:
    """One piece of news, and whom it is for.

    Attributes:
        row: The id of its outbox row: told twice under one id, it is told once.
        topic: Made when it is not there: who changed it keeps what they wrote.
        template: What makes the first version of its template, where there is none.
    """

    row: UUID
    topic: Topic
    template: Callable[[], TemplateVersion]
    told: Sequence[NewProfile]
    data: Mapping[str, Any]
    test: bool = False
    """It is tried out: only to the allow-list, and counted nowhere."""


def tell(telling: Telling, now: datetime) -> Story[bool]:
    """Write the news; it commits with what it tells of, or not at all.

    Returns:
        Whether it was written: not while a row of this id waits already.
    """
    yield from _have_topic(telling, now)
    written = recipients.write_profiles(in_parameters(telling.told), now)
    for statement in written:  # noqa: UP028 - an iterator takes no answers
        yield statement
    return bool((yield insert_outbox(_row(telling, now))))


def _have_topic(telling: Telling, now: datetime) -> Story[None]:
    topic = telling.topic
    if topic.steps[0].template not in (yield templates.live()):
        yield from templates.save_version(telling.template(), topic.title, "tidings", now)
    if topic.key not in (yield catalog.topics()):
        for statement in catalog.save_topic(topic, now):  # noqa: UP028 - as above
            yield statement


def _row(telling: Telling, now: datetime) -> OutboxRow:
    told = tuple(one.recipient_id for one in telling.told)
    return OutboxRow(
        id=telling.row, topic=telling.topic.key, recipients=told, audience=None,
        data=json.dumps(telling.data), dedup_key=None, actor=None, thread=None, priority=None,
        not_before=None, expires_at=None, tags=None, locale=None, tenant=None, traceparent=None,
        test=telling.test, created_at=now,
    )  # fmt: skip
