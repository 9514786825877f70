"""What people (and late answers) make of deliveries that left the queue.

Each is a story for the caller's transaction. It locks the history first and looks at the state
it finds there: of two who decide at once the second sees what the first one did, and a story that
is told twice changes nothing the second time.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from models.queries.folding import doubts
from models.queries.folding.doubts import Held
from models.queries.planning import events
from models.queries.repairing import requeue
from models.queries.sending import counts, digested, settling
from models.query import Copy, Story
from models.records import (
    DueRow,
    Move,
    Requeued,
    Settled,
    Settlement,
    StoredEvent,
    sender_of,
)
from models.states import DeliveryState

Compose = Callable[[Settled, StoredEvent | None], Requeued | str]
"""Makes a delivery's queue row anew, or says why that cannot be."""

ACCEPTED = "one of its attempts was accepted"


@dataclass(frozen=True, slots=True)
class Intervention:
    """What came of one.

    Attributes:
        done: Deliveries that were changed.
        refused: Those that had the right state, and why they were left.
        found: How deliveries stood before; those in the queue are left out.
    """

    done: frozenset[UUID]
    refused: Mapping[UUID, str]
    found: Mapping[UUID, Settled]

    def __or__(self, other: "Intervention") -> "Intervention":
        """Both as one."""
        return Intervention(
            self.done | other.done,
            {**self.refused, **other.refused},
            {**self.found, **other.found},
        )


def send_again(
    ids: Sequence[UUID], states: frozenset[DeliveryState], compose: Compose, now: datetime
) -> Story[Intervention]:
    """Put deliveries in these states back into the queue, due at once."""
    found: list[Settled] = yield requeue.lock_settled(ids)
    wanted = [settled for settled in found if settled.state in states]
    kept: dict[UUID, StoredEvent] = {}
    if wanted:
        kept = yield events.read_events({one.event_id for one in wanted if not one.digest})
        if carried := [one.event_id for one in wanted if one.digest]:
            kept |= yield digested.as_events(carried)
    composed = {s.delivery_id: _composed(s, kept.get(s.event_id), compose) for s in wanted}
    rows = [row for row in composed.values() if isinstance(row, Requeued)]
    refused = {one: why for one, why in composed.items() if isinstance(why, str)}
    done = frozenset(row.delivery_id for row in rows)
    if rows:
        yield requeue.insert(rows, now)
        for statement in requeue.reopen(rows):  # noqa: UP028 - a list takes no answers
            yield statement
        yield _moved([s for s in wanted if s.delivery_id in done], DeliveryState.SCHEDULED, now)
    return Intervention(done, refused, _by_id(found))


def _composed(settled: Settled, event: StoredEvent | None, compose: Compose) -> Requeued | str:
    """An accepted message is never handed over again, whatever its delivery was called since."""
    return ACCEPTED if settled.accepted else compose(settled, event)


def settle(ids: Sequence[UUID], end: DeliveryState, now: datetime) -> Story[Intervention]:
    """Take a person's word for how deliveries in doubt ended, also those about to go again."""
    waiting = yield from _settle_waiting(ids, end, now)
    found: list[Settled] = yield requeue.lock_settled(ids)
    found = [one for one in found if one.delivery_id not in waiting]
    wanted = [settled for settled in found if settled.state == DeliveryState.IN_DOUBT]
    for day, of_day in _by_day(wanted).items():
        yield requeue.end(of_day, day, end, now)
    if wanted:
        yield _moved(wanted, end, now)
    done = frozenset(settled.delivery_id for settled in wanted) | waiting.keys()
    return Intervention(done, {}, {**_by_id(found), **waiting})


def _settle_waiting(
    ids: Sequence[UUID], end: DeliveryState, now: datetime
) -> Story[dict[UUID, Settled]]:
    """Those of which an attempt is in doubt and another waits; what is being sent is left."""
    queued: dict[UUID, Held] = yield doubts.lock_queued(ids)
    rows = [held.row for held in queued.values() if held.row.doubts and held.token is None]
    if not rows:
        return {}
    yield settling.remove(rows, None)
    for statement in settling.settle([_word(row, end, now) for row in rows], now):  # noqa: UP028
        yield statement
    left = [_as_settled(row) for row in rows]
    yield _moved(left, end, now)
    return {row.delivery_id: replace(one, reason=row.held_for)
            for row, one in zip(rows, left, strict=True)}  # fmt: skip


def _word(row: DueRow, end: DeliveryState, now: datetime) -> Settlement:
    return Settlement(
        row.bucket, row.day, row.delivery_id, end, None, requeue.SAID, row.attempt, row.trace,
        sent_at=now if end is DeliveryState.SENT else None,
    )  # fmt: skip


def _as_settled(row: DueRow) -> Settled:
    return Settled(
        row.bucket, row.day, row.delivery_id, row.event_id, row.recipient_id, row.topic,
        row.klass, row.channel, row.step, DeliveryState.SCHEDULED, None, row.attempt, None, None,
        row.campaign, row.test, row.created_at, row.due_at, None, row.trace, accepted=False,
        doubts=row.doubts, cohort=row.cohort,
    )  # fmt: skip


def _by_id(found: Sequence[Settled]) -> dict[UUID, Settled]:
    return {settled.delivery_id: settled for settled in found}


def _by_day(settled: Sequence[Settled]) -> dict[date, list[Settled]]:
    by_day: dict[date, list[Settled]] = {}
    for one in settled:
        by_day.setdefault(one.day, []).append(one)
    return by_day


def _moved(settled: Sequence[Settled], state: DeliveryState, now: datetime) -> Copy:
    real = [one for one in settled if not one.test]
    left = Counter(moved_from(one) for one in real)
    entered = Counter(_moved_to(one, state) for one in real)
    return counts.write_moves(entered, left, UUID(bytes=secrets.token_bytes(16)), now)


def _moved_to(settled: Settled, state: DeliveryState) -> Move:
    """In the queue a delivery has no provider yet; what ended keeps the one it went through."""
    if state is DeliveryState.SCHEDULED:
        return Move(settled.topic, settled.channel, settled.klass, state)
    return replace(moved_from(settled), state=state, reason="")


def moved_from(settled: Settled) -> Move:
    """The dimensions under which a delivery was counted when it came into its state."""
    return Move(
        settled.topic, settled.channel, settled.klass, settled.state, settled.reason or "",
        settled.provider or "", settled.destination or "", settled.account or "",
        sender_of(settled.message_id), settled.campaign or "",
        settled.cohort,
    )  # fmt: skip
