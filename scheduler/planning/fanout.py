"""The fan-out tick: the chunks of expanding events become deliveries."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import accumulate
from uuid import UUID

from delivery import planning
from models.database import Transaction
from models.ids import day_of, place_of
from models.queries.planning import events
from models.queries.routing import Shards, Slice
from models.records import Chunk, NewDelivery, StoredEvent, Tombstone, Topic
from scheduler.keeping.partitions import ensure_day
from scheduler.known.shards import read_events
from scheduler.planning.intake import Again, raise_tombstones, write_planned
from scheduler.restoring.restore import doubt_planned
from scheduler.runtime import Runtime

_CHUNKS, _RECIPIENTS = 100, 2000
"""Most chunks and, about, most recipients of one transaction."""


async def step(runtime: Runtime) -> int:
    """Plan a few chunks of the first shard that has some; how many."""
    return await _first(runtime, None)


async def expand_again(runtime: Runtime, again: Again) -> int:
    """The same after a restore: these chunks may have been planned and sent before it."""
    return await _first(runtime, again)


async def _first(runtime: Runtime, again: Again | None) -> int:
    for slice_ in runtime.shards.slices:
        if did := await _step(runtime, slice_, again):
            return did
    return 0


async def _step(runtime: Runtime, slice_: Slice, again: Again | None = None) -> int:
    """Plan a few chunks: their deliveries and their done mark commit together."""
    await runtime.shelf.refresh(runtime.database)
    now = await runtime.database.tell_time()
    await ensure_day(runtime, day_of(now))
    async with runtime.database.begin() as tx:
        chunks = _share(await tx.run(events.claim_chunks(_CHUNKS, slice_)))
        if not chunks:
            return 0
        found = await read_events(tx, runtime.shards, {chunk.event_id for chunk in chunks})
        topics = await runtime.shelf.topics(runtime.database, {e.topic for e in found.values()})
        at = again.at if again else now
        planned = [one for chunk in chunks for one in _plan(chunk, found, topics, at)]
        await write_planned(tx, planned, now)
        await raise_tombstones(tx, _taken_back(chunks, found, topics), now)
        if again is not None:
            await doubt_planned(tx, planned, topics, again.until, now)
        await tx.run(events.finish_chunks(chunks, now))
    await complete(runtime, {place_of(chunk.event_id).day for chunk in chunks})
    runtime.queue_came.ring()
    return len(chunks)


async def finish(runtime: Runtime) -> int:
    """Make events planned that a worker was lost over, after their last chunk."""
    async with runtime.database.begin() as tx:
        days = await expanding_days(tx, runtime.shards)
    return await complete(runtime, days)


async def expanding_days(tx: Transaction, shards: Shards) -> set[date]:
    """Days of events that are still being expanded."""
    found = [await tx.run(events.expanding_days(slice_)) for slice_ in shards.slices]
    return set().union(*found)


async def complete(runtime: Runtime, days: Collection[date]) -> int:
    """Make events planned whose recipients all have their deliveries.

    They are counted: to know of no open chunk is not enough where shards commit one by one.
    """
    now = await runtime.database.tell_time()
    topics = (await runtime.shelf.refresh(runtime.database)).topics.values()
    secret = {topic.key for topic in topics if topic.sensitive}
    slices, wanted, done = runtime.shards.slices, dict[UUID, int](), Counter[UUID]()
    async with runtime.database.begin() as tx:
        for slice_ in slices:
            wanted |= await tx.run(events.expanding(slice_, days))
        for slice_ in slices if wanted else ():
            done.update(await tx.run(events.expanded(slice_, wanted.keys())))
        ended = [event for event, recipients in wanted.items() if done[event] == recipients]
        for together in runtime.shards.group(ended, lambda event: place_of(event).bucket):
            await tx.run(events.finish_expanding(together, secret, now))
    return len(ended)


def _share(chunks: Sequence[Chunk]) -> Sequence[Chunk]:
    """The first of these chunks, with about as many recipients as go into one transaction."""
    counts = accumulate(len(chunk.recipients) for chunk in chunks)
    return chunks[: sum(so_far < _RECIPIENTS for so_far in counts) + 1]


def _taken_back(
    chunks: Iterable[Chunk], found: Mapping[UUID, StoredEvent], topics: Mapping[str, Topic]
) -> list[Tombstone]:
    """What these chunks' events take back."""
    return [
        tombstone
        for chunk in chunks
        if (event := found.get(chunk.event_id)) and (topic := topics.get(event.topic))
        for tombstone in planning.tombstones(event, topic, chunk.recipients)
    ]


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
    event = replace(planning.hashed(event, event.data, topic), data=data)
    return planning.plan(event, topic, chunk.recipients, now)
