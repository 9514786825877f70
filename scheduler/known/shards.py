"""Where the buckets lie: what claims and locking statements keep to."""

from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

from models.database import Transaction
from models.ids import place_of
from models.queries import shards
from models.queries.planning import events
from models.queries.routing import Shards
from models.records import StoredEvent
from scheduler.runtime import Runtime


async def learn(runtime: Runtime) -> None:
    """Ask where the buckets lie."""
    async with runtime.database.begin() as tx:
        runtime.shards = await tx.follow(shards.learned())


async def visit(runtime: Runtime, step: Callable[[], Awaitable[int]]) -> int:
    """Repeat a step that turns to the next slice each time, until one of them had work."""
    for _ in runtime.shards.slices:
        if did := await step():
            return did
    return 0


async def read_events(
    tx: Transaction, spread: Shards, wanted: Collection[UUID]
) -> dict[UUID, StoredEvent]:
    """Events, which lie elsewhere than their recipients: each shard is asked for its own."""
    found: dict[UUID, StoredEvent] = {}
    for together in spread.group(wanted, lambda event: place_of(event).bucket):
        found |= await tx.run(events.read_events(together))
    return found
