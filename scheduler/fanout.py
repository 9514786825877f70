"""The fan-out tick: the chunks of expanding events become deliveries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import accumulate
from uuid import UUID

from delivery import planning
from models.ids import day_of, place_of
from models.queries import events
from models.queries.routing import EVERYWHERE
from models.records import Chunk, NewDelivery, StoredEvent, Topic
from scheduler.intake import write_planned
from scheduler.partitions import ensure_day
from scheduler.runtime import Runtime

_CHUNKS, _RECIPIENTS = 100, 2000
"""Most chunks and, about, most recipients of one transaction."""


async def step(runtime: Runtime) -> int:
    """Plan a few chunks: their deliveries and their done mark commit together."""
    await runtime.shelf.refresh(runtime.database)
    now = await runtime.database.tell_time()
    await ensure_day(runtime, day_of(now))
    async with runtime.database.begin() as tx:
        chunks = _share(await tx.run(events.claim_chunks(_CHUNKS, EVERYWHERE)))
        if not chunks:
            return 0
        found = await tx.run(events.read_events(chunk.event_id for chunk in chunks))
        topics = await runtime.shelf.topics(runtime.database, {e.topic for e in found.values()})
        planned = [one for chunk in chunks for one in _plan(chunk, found, topics, now)]
        await write_planned(tx, planned, now)
        await tx.run(events.finish_chunks(chunks, now))
    await _finish(runtime, {place_of(chunk.event_id).day for chunk in chunks})
    runtime.queue_came.ring()
    return len(chunks)


async def finish(runtime: Runtime) -> int:
    """Make events planned that a worker was lost over, after their last chunk."""
    days = await runtime.database.run(events.expanding_days(EVERYWHERE))
    return await _finish(runtime, days)


async def _finish(runtime: Runtime, days: Collection[date]) -> int:
    now = await runtime.database.tell_time()
    topics = (await runtime.shelf.refresh(runtime.database)).topics.values()
    secret = [topic.key for topic in topics if topic.sensitive]
    finish = events.finish_expanding(EVERYWHERE, days, secret, now)
    return await runtime.database.run(finish)


def _share(chunks: Sequence[Chunk]) -> Sequence[Chunk]:
    """The first of these chunks, with about as many recipients as go into one transaction."""
    counts = accumulate(len(chunk.recipients) for chunk in chunks)
    return chunks[: sum(so_far < _RECIPIENTS for so_far in counts) + 1]


def _plan(
    chunk: Chunk, found: Mapping[UUID, StoredEvent], topics: Mapping[str, Topic], now: datetime
) -> list[NewDelivery]:
    """The deliveries of a chunk; none when its event or its topic has gone meanwhile."""
    event = found.get(chunk.event_id)
    topic = None if event is None else topics.get(event.topic)
    if event is None or topic is None:
        return []
    # One copy of the data, the event's, serves them all; of what is secret that copy will go.
    data = event.data or "{}" if topic.sensitive else None
    return planning.plan(replace(event, data=data), topic, chunk.recipients, now)
