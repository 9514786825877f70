"""What becomes of deliveries that left the queue: sent again, or settled otherwise.

Each is a story for the caller's transaction. It locks the history first and looks at the state
it finds there, so of two who decide at once the second sees what the first one did.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.queries import counts, events, requeue
from models.query import Copy, Story
from models.records import Move, Requeued, Settled, StoredEvent

Compose = Callable[[Settled, StoredEvent | None], Requeued | str]
"""Makes a delivery's queue row anew, or says why that cannot be."""

ACCEPTED = "one of its attempts was accepted"


@dataclass(frozen=True, slots=True)
class Again:
    """What was scheduled again, and why the others were not; those in other states are in neither.

    Attributes:
        found: How the deliveries stood before, those in the queue left out.
    """

    done: frozenset[UUID]
    refused: Mapping[UUID, str]
    found: Mapping[UUID, Settled]


def send_again(
    ids: Sequence[UUID], states: frozenset[str], compose: Compose, now: datetime
) -> Story[Again]:
    """Put deliveries in these states back into the queue, due at once."""
    found: list[Settled] = yield requeue.lock_settled(ids)
    wanted = [settled for settled in found if settled.state in states]
    kept: dict[UUID, StoredEvent] = {}
    if wanted:
        kept = yield events.read_events({settled.event_id for settled in wanted})
    composed = {s.delivery_id: _composed(s, kept.get(s.event_id), compose) for s in wanted}
    rows = [row for row in composed.values() if isinstance(row, Requeued)]
    refused = {one: why for one, why in composed.items() if isinstance(why, str)}
    done = frozenset(row.delivery_id for row in rows)
    if rows:
        yield requeue.insert(rows, now)
        for statement in requeue.reopen(rows):  # noqa: UP028 - a list takes no answers
            yield statement
        yield moved([s for s in wanted if s.delivery_id in done], "scheduled", now)
    return Again(done, refused, {settled.delivery_id: settled for settled in found})


def _composed(settled: Settled, event: StoredEvent | None, compose: Compose) -> Requeued | str:
    """An accepted message is never handed over again, whatever its delivery was called since."""
    return ACCEPTED if settled.accepted else compose(settled, event)


def moved(settled: Sequence[Settled], state: str, now: datetime) -> Copy:
    """Count moves out of the history; a delivery in the queue has no reason and no provider."""
    real = [one for one in settled if not one.test]
    left = Counter(moved_from(one) for one in real)
    entered = Counter(Move(one.topic, one.channel, one.klass, state) for one in real)
    return counts.write_moves(entered, left, UUID(bytes=secrets.token_bytes(16)), now)


def moved_from(settled: Settled) -> Move:
    """The dimensions under which a delivery was counted when it came into its state."""
    return Move(
        settled.topic, settled.channel, settled.klass, settled.state, settled.reason or "",
        settled.provider or "", settled.destination or "",
    )  # fmt: skip
