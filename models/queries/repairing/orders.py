"""What a person orders about deliveries that left the queue, carried out and audited at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from models.ids import place_of
from models.people import AuditEntry
from models.queries import shards
from models.queries.console import people
from models.queries.repairing import interventions
from models.queries.repairing.interventions import Compose, Intervention
from models.queries.repairing.selection import Selection, select_next
from models.queries.routing import TOGETHER, Shards
from models.query import Story
from models.readings.deliveries import Position
from models.states import DeliveryState, Resolution

AT_ONCE = 500
"""Most deliveries of one transaction."""

_ENDS = {Resolution.SENT: DeliveryState.SENT, Resolution.CANCEL: DeliveryState.CANCELLED}
_DID = {
    Resolution.SENT: "said it was sent",
    Resolution.AGAIN: "sent again",
    Resolution.CANCEL: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to become of deliveries.

    Attributes:
        states: Only deliveries in these are meant; anything but `again` needs doubt.
        actor: Who orders it, for the audit.
        compose: Makes queue rows of those that go again.
    """

    resolution: Resolution
    states: frozenset[DeliveryState]
    actor: str
    compose: Compose
    now: datetime
    about: dict[str, object] = field(default_factory=dict)


def carry_out(ids: Sequence[UUID], order: Order) -> Story[Intervention]:
    """Do it to these deliveries; who finds nothing to do leaves no entry."""
    came = Intervention(frozenset(), {}, {})
    for together in (yield from _apart(ids)):
        came |= yield from _do(together, order)
    if came.done:
        yield people.write_audit(_entry(order, came))
    return came


def _apart(ids: Sequence[UUID]) -> Story[list[list[UUID]]]:
    """The deliveries by where they lie: rows are locked in one shard at a time."""
    if len(ids) == 1:
        return [list(ids)]
    spread: bool = yield shards.is_distributed()
    where: Shards = (yield shards.shards()) if spread else TOGETHER
    return where.group(ids, lambda one: place_of(one).bucket)


def _do(ids: Sequence[UUID], order: Order) -> Story[Intervention]:
    if order.resolution is Resolution.AGAIN:
        return interventions.send_again(ids, order.states, order.compose, order.now)
    return interventions.settle(ids, _ENDS[order.resolution], order.now)


def _entry(order: Order, came: Intervention) -> AuditEntry:
    were = [came.found[one] for one in came.done]
    subject = str(were[0].delivery_id) if len(were) == 1 else f"{len(were)} deliveries"
    detail: dict[str, object] = {"were": dict(Counter(_words(w.state, w.reason) for w in were))}
    return AuditEntry(order.now, order.actor, _DID[order.resolution], subject, detail | order.about)


def _words(state: str, reason: str | None) -> str:
    return f"{state}: {reason}" if reason else state


@dataclass(frozen=True, slots=True)
class Batch:
    """One transaction's share; `last` is the place to go on after, `None` at the end."""

    last: Position | None
    came: Intervention


def next_batch(selection: Selection, after: Position | None, order: Order) -> Story[Batch]:
    """Carry an order out for the next deliveries of a selection."""
    places: list[Position] = yield select_next(selection, after, AT_ONCE)
    if not places:
        return Batch(None, Intervention(frozenset(), {}, {}))
    came = yield from carry_out([place.id for place in places], order)
    return Batch(places[-1], came)


def told(selection: Selection) -> dict[str, object]:
    """The filter of a selection, as the audit keeps it."""
    wanted, of = selection.wanted, selection.wanted.of
    filters = {
        "states": sorted(wanted.states),
        "reason": wanted.reason,
        "topic": wanted.topic,
        "channel": wanted.channel,
        "recipient": wanted.recipient,
        "class": wanted.klass,
        "provider": wanted.provider,
        "destination": wanted.destination,
        "kind": wanted.kind,
        "campaign": of and of.campaign,
        "run": of and of.run,
        "campaign_step": of and of.step,
        "variant": of and of.variant,
        "since": wanted.since and wanted.since.isoformat(),
        "until": selection.until and selection.until.isoformat(),
        "asked_at": selection.asked_at.isoformat(),
    }
    return {"filter": {name: value for name, value in filters.items() if value}}
