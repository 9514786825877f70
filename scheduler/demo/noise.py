"""What each feature would spare the people of a day, whose mails are decided under each of them.

Pure: a day takes seconds here, with the times it really had, and needs no database.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from delivery.simulation import run
from delivery.simulation.proposal import propose
from delivery.simulation.tally import Tally
from models import ids
from models.queries.planning.sources import OWN_SOURCE
from models.records import Past, Profile, Recorded, StoredEvent, Topic
from models.states import DeliveryState
from scheduler.demo.people import Cast
from scheduler.demo.replay import EDITED, Offer

_HOURLY = {"kind": "fixed", "steps": ["email"], "by": ["thread"], "wait": "1h"}
_DAILY = {"kind": "recurring", "steps": ["email"], "every": "day", "at": "09:00"}
_NIGHTS = {"key": "nights", "quiet": ["daily 22:00-07:00"], "classes": ["transactional"]}
_THREE = {
    "key": "three", "limit": 3, "per": "day", "channels": ["email"], "exempts": [], "over": "skip",
}  # fmt: skip

_AT_SIX = {"every": "day", "at": "18:00"}
_TOGETHER = {**_THREE, "over": "digest", "digest": _AT_SIX}


def _digest(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"topics": {EDITED: {"digest": rule}}}


FEATURES: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("each event a message", {}),
    ("mail an hour after the first, by page", _digest(_HOURLY)),
    ("mail once a day, at nine", _digest(_DAILY)),
    ("at most three mails a day", {"caps": [_THREE]}),
    ("at most three mails a day, the rest at six", {"caps": [_TOGETHER]}),
    ("hourly mail, at most three a day", {**_digest(_HOURLY), "caps": [_THREE]}),
    ("quiet nights", {"quiet_hours": [_NIGHTS]}),
)
"""What is tried, one after the other."""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one feature."""

    feature: str
    tally: Tally

    @property
    def mails(self) -> int:
        """How many mails go."""
        return self.tally.messages[1]

    @property
    def waits(self) -> int:
        """How many of them wait for a better moment."""
        return self.tally.held.total()


def compare(
    offers: Sequence[Offer], cast: Cast, topics: Iterable[Topic], begin: datetime
) -> Iterator[Row]:
    """Decide a day's mails under one feature after the other; the feed interrupts nobody."""
    known = {topic.key: _telling_many(topic) for topic in topics}
    past = past_of(offers, cast, known, begin)
    for feature, document in FEATURES:
        tally = Tally()
        run.add(tally, past, propose(document, known), begin - timedelta(days=1))
        yield Row(feature, tally)


def _telling_many(topic: Topic) -> Topic:
    """As if its templates told of several news at once."""
    return replace(topic, steps=tuple(replace(step, tells_many=True) for step in topic.steps))


def past_of(
    offers: Sequence[Offer], cast: Cast, topics: Mapping[str, Topic], begin: datetime
) -> Past:
    """A day as history would have it, had every row become a mail at once."""
    recorded: list[Recorded] = []
    events: dict[UUID, StoredEvent] = {}
    for number, offer in enumerate(offers):
        at = begin + timedelta(seconds=offer.offset)
        event = _event(number, offer, at)
        events[event.event_id] = event
        recorded += _deliveries(event, offer, topics[offer.row.topic], at)
    people = {
        one.recipient_id: Profile(one.recipient_id, timezone=one.said.get("timezone"))
        for one in cast.profiles
    }
    return Past(recorded, people, events)


def _event(number: int, offer: Offer, at: datetime) -> StoredEvent:
    row = offer.row
    outbox_id = ids.outbox_id(OWN_SOURCE, str(number), b"")
    return StoredEvent(
        event_id=ids.event_id(OWN_SOURCE, outbox_id, ids.day_of(at)),
        topic=row.topic,
        data=row.data,
        actor=row.actor,
        thread=row.thread,
        tags=row.tags,
        locale=None,
        tenant=None,
        priority=0,
        not_before=None,
        expires_at=None,
        test=False,
        created_at=at,
        keyed=True,
    )


def _deliveries(event: StoredEvent, offer: Offer, topic: Topic, at: datetime) -> Iterator[Recorded]:
    mails = [step for step in topic.steps if step.channel == "email"]
    for recipient in offer.row.recipients:
        for step in mails:
            yield Recorded(
                delivery_id=ids.delivery_id(event.event_id, recipient, step.channel, step.key),
                event_id=event.event_id,
                recipient_id=recipient,
                topic=topic.key,
                channel=step.channel,
                step=step.key,
                campaign=None,
                state=DeliveryState.SENT,
                reason=None,
                created_at=at,
                due_at=at,
                sent_at=at,
                digest=False,
            )
