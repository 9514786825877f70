"""From an event to its deliveries. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zlib import crc32

from delivery import sequence, trace
from delivery.limits import sameness, throttles
from delivery.policies import PLANNED, judge
from delivery.ports import Draft
from delivery.reading import EXPANDS_OVER, TRAVELS_UP_TO, Accepted
from delivery.verdicts import SkipBecause
from models import ids
from models.reasons import Hold
from models.records import (
    Chunk,
    Class,
    Facts,
    NewDelivery,
    OutboxRow,
    Step,
    StoredEvent,
    Tombstone,
    Topic,
)
from models.states import DeliveryState

LIFETIMES: dict[Class, timedelta] = {
    Class.CRITICAL: timedelta(days=1),
    Class.TRANSACTIONAL: timedelta(days=3),
    Class.PROMOTIONAL: timedelta(days=1),
}
"""How long a message is useful when neither its event nor its topic says."""

GATHER = -1
"""The number of the chunk that stands for an audience whose members are not known yet."""

_LANES = 16
_MOMENT = timedelta(microseconds=1)
_NOBODY = Facts(profile=None)


def stored(event_id: UUID, row: OutboxRow, accepted: Accepted) -> StoredEvent:
    """The event as deliveries are made of it; data too big to travel stays behind."""
    event = StoredEvent(
        event_id=event_id,
        topic=row.topic,
        data=row.data or "{}" if travels(row.data, accepted.topic) else None,
        actor=row.actor,
        thread=row.thread,
        tags=None if row.tags is None else tuple(tag for tag in row.tags if tag is not None),
        locale=row.locale,
        tenant=row.tenant,
        priority=accepted.priority,
        not_before=row.not_before,
        expires_at=row.expires_at,
        test=row.test,
        created_at=row.created_at,
        keyed=row.dedup_key is not None,
    )
    return hashed(event, row.data, accepted.topic)


def hashed(event: StoredEvent, data: str | None, topic: Topic) -> StoredEvent:
    """The event with the hashes that its deliveries are compared by."""
    return replace(
        event,
        content=sameness.content_of(event, data, topic),
        throttled=throttles.value_of(data, topic, test=event.test),
    )


def travels(data: str | None, topic: Topic) -> bool:
    """Whether an event's data is copied into the queue rows of its deliveries.

    What is secret always does: there it ends with the delivery, beside the event it would stay.
    """
    return topic.sensitive or len((data or "{}").encode()) <= TRAVELS_UP_TO


@dataclass(frozen=True, slots=True)
class Mark:
    """What deliveries of a campaign carry: what they say by step, and as what they are counted."""

    campaign: str | None = None
    cohort: str = ""
    templates: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)


_UNMARKED = Mark()


def plan(
    event: StoredEvent,
    topic: Topic,
    recipients: Iterable[str],
    now: datetime,
    mark: Mark = _UNMARKED,
) -> list[NewDelivery]:
    """One delivery for each recipient and step, also where the answer is no.

    Without `data` the event's is read again when the delivery is filled.
    """
    template = _Template.of(event, topic, now, mark)
    return [one for recipient in recipients for one in template.deliveries(recipient, now)]


def tombstones(
    event: OutboxRow | StoredEvent, topic: Topic, recipients: Iterable[str]
) -> list[Tombstone]:
    """What an event takes back: the thread's news of the topics that its own cancels.

    Of its own topic it takes back what was before it, not itself.
    """
    thread, until = event.thread, event.created_at
    if thread is None or not topic.cancels:
        return []
    return [
        Tombstone(recipient, cancelled, thread, until - _MOMENT * (cancelled == topic.key))
        for recipient in recipients
        for cancelled in topic.cancels
    ]


@dataclass(frozen=True, slots=True)
class _Template:
    """What all deliveries of one event share."""

    event: StoredEvent
    topic: Topic
    mark: Mark
    lane: int
    due_at: datetime
    contents: Mapping[str, bytes]
    waits: bool
    """Whether any of its steps waits for another."""
    shared: dict[str, Mapping[str, Any]]
    """Step to what all its deliveries say alike: made once, for there may be a million of them."""

    @classmethod
    def of(cls, event: StoredEvent, topic: Topic, now: datetime, mark: Mark) -> "_Template":
        due_at = max(event.not_before or now, now)
        lane = lane_of(event, topic.key)
        waits = any(step.after is not None for step in topic.steps)
        contents = _contents(event.content, topic)
        made = cls(event, topic, mark, lane, due_at, contents, waits, {})
        made.shared.update((step.key, made._alike(step, now)) for step in topic.steps)
        return made

    def _alike(self, step: Step, now: datetime) -> Mapping[str, Any]:
        event, mark = self.event, self.mark
        template = mark.templates.get(step.key)
        return {
            "event_id": event.event_id,
            "topic": self.topic.key,
            "klass": self.topic.klass,
            "channel": step.channel,
            "step": step.key,
            "held_for": Hold.NOT_BEFORE if self.due_at > now else None,
            "lane": self.lane,
            "due_at": self.due_at,
            "expires_at": self._expires_at(step),
            "data": event.data,
            "actor": event.actor,
            "thread": event.thread,
            "tags": event.tags,
            "locale": event.locale,
            "tenant": event.tenant,
            "test": event.test,
            "created_at": event.created_at,
            "wanted_at": max(event.created_at, event.not_before or event.created_at),
            "content": self.contents.get(step.key),
            "throttled": event.throttled,
            "extras": event.extras if step.channel == "email" else None,
            "campaign": mark.campaign,
            "cohort": mark.cohort,
            "template": template,
            "template_version": None if template is None else mark.versions.get(template),
        }

    def _expires_at(self, step: Step) -> datetime:
        """As its event says; else its lifetime begins when a digest it may wait in has closed."""
        if self.event.expires_at is not None:
            return self.event.expires_at
        rule = self.topic.digest_of(step.key)
        waits = timedelta() if rule is None else rule.longest
        return self.due_at + waits + (self.topic.lifetime or LIFETIMES[self.topic.klass])

    def deliveries(self, recipient: str, now: datetime) -> Iterator[NewDelivery]:
        """One for each step; one that waits is due when the one before it has ended."""
        unsent = False
        for step in self.topic.steps:
            made = self.delivery(recipient, step, now)
            if self.waits and sequence.waits(self.topic, step):
                made = self._waiting(made, step, now, at_once=unsent)
            unsent = made.reason is not None
            yield made

    def _waiting(
        self, made: NewDelivery, step: Step, now: datetime, *, at_once: bool
    ) -> NewDelivery:
        look = now if at_once else self.due_at + sequence.LOOK_AGAIN
        pauses = (one.after for one in (*sequence.earlier(self.topic, step), step) if one.after)
        until = self.event.expires_at or self._expires_at(step) + sum(pauses, timedelta())
        return made._replace(due_at=look, held_for=Hold.PREVIOUS_STEP, expires_at=until)

    def _follower(self, recipient: str, step: Step) -> UUID | None:
        behind = sequence.follower(self.topic, step) if self.waits else None
        if behind is None:
            return None
        return ids.delivery_id(self.event.event_id, recipient, behind.channel, behind.key)

    def delivery(self, recipient: str, step: Step, now: datetime) -> NewDelivery:
        event, topic = self.event, self.topic
        draft = Draft(
            recipient, step.channel, topic, step, event.actor, event.expires_at, event.test
        )
        verdict, checks = judge(PLANNED, draft, _NOBODY, now)
        skipped = isinstance(verdict, SkipBecause)
        identifier = ids.delivery_id(event.event_id, recipient, step.channel, step.key)
        bucket, day = ids.place_of(identifier)
        return NewDelivery(
            delivery_id=identifier,
            bucket=bucket,
            day=day,
            recipient_id=recipient,
            state=DeliveryState.SKIPPED if skipped else DeliveryState.SCHEDULED,
            reason=verdict.reason if isinstance(verdict, SkipBecause) else None,
            trace=trace.start("plan", checks),
            follower=self._follower(recipient, step),
            **self.shared[step.key],
        )


def _contents(content: bytes | None, topic: Topic) -> dict[str, bytes]:
    """What each step of a topic says, as a hash."""
    if content is None:
        return {}
    return {step.key: sameness.of_step(content, step.key, step.channel) for step in topic.steps}


def lane_of(event: StoredEvent, topic: str) -> int:
    """Where a delivery queues: its priority, and a share for its tenant, else its topic."""
    return event.priority * _LANES + (crc32((event.tenant or topic).encode()) % _LANES)


def expansion(event_id: UUID, accepted: Accepted) -> list[Chunk]:
    """What expanding an event begins with: its chunks, or that its recipients be gathered."""
    if accepted.gathers:
        return [Chunk(ids.place_of(event_id).bucket, event_id, GATHER, ())]
    return chunks(event_id, accepted.recipients)


def chunks(event_id: UUID, recipients: Iterable[str]) -> list[Chunk]:
    """The recipients of an expanding event by bucket, at most 1,000 a chunk."""
    by_bucket: dict[int, list[str]] = {}
    for recipient in recipients:
        by_bucket.setdefault(ids.bucket_of(recipient), []).append(recipient)
    return [
        Chunk(bucket, event_id, number, tuple(members[start : start + EXPANDS_OVER]))
        for bucket, members in sorted(by_bucket.items())
        for number, start in enumerate(range(0, len(members), EXPANDS_OVER))
    ]
