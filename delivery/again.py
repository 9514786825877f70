"""From a delivery that left the queue to its row there once more. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from delivery import trace
from delivery.planning import LIFETIMES, lane_of, travels
from models.records import Requeued, Settled, StoredEvent, Topic

FORGOTTEN = "its event is not kept any more"
SECRET = "what it said was not kept: its topic is sensitive"  # noqa: S105 - a sentence


def again(
    settled: Settled, event: StoredEvent | None, topic: Topic | None, now: datetime, who: str
) -> Requeued | str:
    """The queue row of a delivery that left the queue and is due once more, or why there is none.

    It gets a fresh lifetime, as whoever wants it again wants it to arrive; its attempts count
    on, and one of which nobody knows the end stays in doubt.

    `who` wanted it, for the trace: a `person`, or a late `answer`.
    """
    if event is None:
        return FORGOTTEN
    if event.data is None and topic is not None and topic.sensitive:
        return SECRET
    lifetime = (topic and topic.lifetime) or LIFETIMES[settled.klass]
    carried = topic is not None and not settled.digest and travels(event.data, topic)
    data = event.data if carried else None
    fresh = _anew(settled, event, now, now + lifetime)
    told = trace.extend(settled.trace, "again", ((who, "again", ""),))
    return replace(fresh, data=data, trace=told)


def _anew(settled: Settled, event: StoredEvent, now: datetime, until: datetime) -> Requeued:
    return Requeued(
        bucket=settled.bucket,
        delivery_id=settled.delivery_id,
        day=settled.day,
        event_id=settled.event_id,
        recipient_id=settled.recipient_id,
        topic=settled.topic,
        klass=settled.klass,
        channel=settled.channel,
        step=settled.step,
        lane=lane_of(event, settled.topic),
        held_for=None,
        due_at=now,
        expires_at=max(event.expires_at or until, until),
        attempt=settled.attempts,
        tries=0,
        doubts=settled.doubts,
        data=event.data,
        actor=event.actor,
        thread=event.thread,
        tags=event.tags,
        locale=event.locale,
        tenant=event.tenant,
        campaign=settled.campaign,
        cohort=settled.cohort,
        template=settled.template,
        template_version=settled.template_version,
        extras=None if settled.digest else event.extras,
        digest=settled.digest,
        test=settled.test,
        created_at=settled.created_at,
        trace=settled.trace,
    )


def by_person(
    topics: Mapping[str, Topic], now: datetime
) -> Callable[[Settled, StoredEvent | None], Requeued | str]:
    """Makes queue rows of what people want sent again."""
    return lambda settled, event: again(settled, event, topics.get(settled.topic), now, "person")
