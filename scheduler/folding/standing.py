"""Where deliveries stand, wherever their truth is just now: locked, the queue first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.database import Transaction
from models.queries.folding import doubts
from models.queries.folding.doubts import Held
from models.queries.repairing import requeue
from models.records import Settled
from models.states import DeliveryState

_LOOKS = 3
"""How often a delivery is looked for that moves between queue and history while we look."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where deliveries stand now, their rows locked."""

    queued: Mapping[UUID, Held]
    settled: Mapping[UUID, Settled]
    doubts: Mapping[UUID, int]

    def state(self, delivery: UUID) -> DeliveryState | None:
        """The state; `None` where nothing is kept of the delivery."""
        if delivery in self.queued:
            held = self.queued[delivery]
            return DeliveryState.SCHEDULED if held.token is None else DeliveryState.SENDING
        settled = self.settled.get(delivery)
        return None if settled is None else DeliveryState(settled.state)

    def doubts_of(self, delivery: UUID) -> int:
        """Attempts of it that nobody knows the end of."""
        return self.doubts.get(delivery, 0)


async def locked(
    tx: Transaction, ids: Sequence[UUID]
) -> tuple[dict[UUID, Held], dict[UUID, Settled]]:
    """Lock the deliveries where they are; the queue first, as everybody does."""
    queued: dict[UUID, Held] = {}
    settled: dict[UUID, Settled] = {}
    for _ in range(_LOOKS):
        missing = [one for one in ids if one not in queued and one not in settled]
        if missing:
            queued |= await tx.run(doubts.lock_queued(missing))
            missing = [one for one in missing if one not in queued]
        if missing:
            found = await tx.run(requeue.lock_settled(missing))
            settled |= {one.delivery_id: one for one in found}
    return queued, settled
