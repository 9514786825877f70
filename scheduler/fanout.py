"""The fan-out tick: the chunks of expanding events become deliveries."""

from dataclasses import replace
from uuid import UUID

from delivery import planning
from models.database import Transaction
from models.ids import day_of
from models.queries import events
from models.queries.routing import EVERYWHERE
from models.records import Chunk, NewDelivery, StoredEvent
from scheduler.intake import write_planned
from scheduler.partitions import ensure_day
from scheduler.runtime import Runtime

_CHUNKS = 10
"""Chunks of one transaction: about a thousand recipients of a big event."""


async def step(runtime: Runtime) -> int:
    """Plan a few chunks: their deliveries and their done mark commit together."""
    catalog = await runtime.shelf.refresh(runtime.database)
    now = await runtime.database.tell_time()
    await ensure_day(runtime, day_of(now))
    async with runtime.database.begin() as tx:
        chunks = await tx.run(events.claim_chunks(_CHUNKS, EVERYWHERE))
        if not chunks:
            return 0
        found = await _events(tx, chunks)
        planned: list[NewDelivery] = []
        for chunk in chunks:
            event = replace(found[chunk.event_id], data=None)  # one copy serves them all
            topic = catalog.topics[event.topic]
            planned += planning.plan(event, topic, chunk.recipients, now)
        await write_planned(tx, planned, now)
        await tx.run(events.finish_chunks(chunks, now))
    async with runtime.database.begin() as tx:
        await tx.run(events.finish_expanding(EVERYWHERE, now))
    runtime.queue_came.set()
    return len(chunks)


async def _events(tx: Transaction, chunks: list[Chunk]) -> dict[UUID, StoredEvent]:
    return await tx.run(events.read_events(chunk.event_id for chunk in chunks))
