"""What would become of an event that came now: decided by the gate itself, nothing done. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from uuid import UUID

from delivery.gate import Round
from delivery.planning import plan, stored
from delivery.ports import Rules
from delivery.reading import Accepted, priority_of
from delivery.verdicts import Cancel, Collect, Expire, HoldUntil, Keep, SkipBecause, Verdict
from models.ids import day_of, event_id
from models.records import DueRow, Earlier, Facts, NewDelivery, OutboxRow, Step, Topic
from models.states import DeliveryState as D

_NOWHERE = UUID(int=0)
"""Source and outbox row of what never came."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What would become of one step.

    Attributes:
        trace: Every check, as JSON text; that of planning alone where that said no.
    """

    step: Step
    verdict: Verdict
    trace: str


def supposed(topic: Topic, recipient: str, data: str, now: datetime) -> list[NewDelivery]:
    """The deliveries of an event of this topic to one recipient that came now."""
    row = OutboxRow(
        id=_NOWHERE, topic=topic.key, recipients=(recipient,), audience=None, data=data,
        dedup_key=None, actor=None, thread=None, priority=None, not_before=None, expires_at=None,
        tags=None, locale=None, tenant=None, traceparent=None, test=False, created_at=now,
    )  # fmt: skip
    accepted = Accepted(topic, (recipient,), priority_of(topic.klass, None))
    event = stored(event_id(_NOWHERE, _NOWHERE, day_of(now)), row, accepted)
    return plan(event, topic, [recipient], now)


def due(made: NewDelivery, now: datetime) -> DueRow:
    """A delivery as the gate sees it the first time."""
    shared = {one.name for one in fields(DueRow)} & set(NewDelivery._fields)
    values = {name: getattr(made, name) for name in shared} | {"tags": made.tags or ()}
    return DueRow(**values, attempt=0, tries=0, crashes=0, entered_at=now)


def foresee(
    made: Sequence[NewDelivery], topic: Topic, facts: Facts, rules: Mapping[str, Rules],
    now: datetime,
) -> list[Prospect]:  # fmt: skip
    """What would become of each, in the order of the steps: what goes takes its slots.

    Args:
        made: What planning made; a step that waits is told what became of those before it.
        topic: Theirs.
        facts: What is known of the recipient.
        rules: By channel.
        now: The moment asked about.
    """
    found: list[Prospect] = []
    earlier: dict[UUID, Earlier] = {}
    at = Round({one.recipient_id: facts for one in made}, {topic.key: topic})
    for one in made:
        known = at.facts[one.recipient_id]
        at.facts[one.recipient_id] = replace(known, earlier=dict(earlier))
        decision = at.decide(due(one, now), rules[one.channel], now)
        found.append(Prospect(decision.step, decision.verdict, decision.trace))
        earlier[one.delivery_id] = as_earlier(one.step, decision.verdict, now)
    return found


def as_earlier(step: str, verdict: Verdict, now: datetime) -> Earlier:
    """What a step that waits is told of one that was decided before it."""
    state = AFTER[type(verdict)]
    return Earlier(step, state, None if state in {D.SCHEDULED, D.COLLECTED} else now)


AFTER: Mapping[type[Verdict], D] = {
    Keep: D.SENT,
    HoldUntil: D.SCHEDULED,
    Collect: D.COLLECTED,
    SkipBecause: D.SKIPPED,
    Cancel: D.CANCELLED,
    Expire: D.EXPIRED,
}
"""How a delivery would stand; what is kept counts as sent."""
