"""The warm tick: a new cap learns from history what was sent before it was published.

While it does, what it limits waits. History is read a few buckets at a time, each in a
transaction with the progress, so that a crash costs those few.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from delivery.limits import caps, slots
from delivery.ports import Draft
from models.database import Transaction
from models.ids import BUCKETS, day_of
from models.queries.configuring import warmings
from models.queries.configuring.warmings import Warming, Went
from models.queries.routing import slice_of
from models.queries.sending import ledgers
from models.records import Cap, Facts, Ledger, Profile, Stamp, Step, StoredEvent, Topic
from scheduler.known.shards import read_events
from scheduler.runtime import Runtime

_ALL_TAUGHT = timedelta(seconds=5)
"""After so long every worker knows a new rule, and counts what it lets go."""
_WAITED_AT_MOST = timedelta(days=35)
"""Nothing that went within a window was planned longer before it than this."""
_WIDEST = 64
_MANY, _FEW = 5000, 1000
"""Found in one transaction: then the next takes half as many buckets, or twice as many."""

log = structlog.get_logger()


async def warm(runtime: Runtime) -> int:
    """Fill the counters of all caps that are not warm yet; how many slots were found."""
    await runtime.shelf.refresh(runtime.database)
    book, known = runtime.shelf.rulebook, runtime.shelf.warm
    cold = {caps.counter(cap): cap for cap in book.caps if cap.limit is not None}
    for counter in known:
        cold.pop(counter, None)
    if not cold:
        return 0
    now = await runtime.database.tell_time()
    await runtime.database.run(warmings.begin([_begun(cap, now) for cap in cold.values()]))
    total, width = 0, _WIDEST
    while (found := await _step(runtime, cold, width)) is not None:
        total += found
        width = max(1, width // 2) if found > _MANY else width
        width = min(_WIDEST, width * 2) if found < _FEW else width
    await runtime.shelf.reread(runtime.database)
    return total


def _begun(cap: Cap, now: datetime) -> Warming:
    return Warming(caps.counter(cap), now - caps.looks_back(cap), now + _ALL_TAUGHT)


async def _step(runtime: Runtime, cold: Mapping[str, Cap], width: int) -> int | None:
    """Read the next buckets of one counter; `None` when there is nothing to do just now."""
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        claimed = await tx.run(warmings.claim(cold, now))
        if not claimed:
            return None
        (warming,) = claimed
        end = min(warming.next_bucket + width, BUCKETS)
        # Those that lie together first: of several shards each in its turn.
        together = runtime.shards.group(range(warming.next_bucket, end), lambda bucket: bucket)
        found = 0
        for buckets in together:
            found += await _fill(tx, runtime, cold[warming.counter], warming.since, buckets)
        done = now if end == BUCKETS else None
        after = replace(warming, next_bucket=end, found=warming.found + found)
        await tx.run(warmings.advance(after, done))
    if done:
        log.info("cap.warm", counter=warming.counter, slots=after.found)
    return found


async def _fill(
    tx: Transaction, runtime: Runtime, cap: Cap, since: datetime, buckets: Sequence[int]
) -> int:
    """Put into the ledgers of some buckets what went to their recipients; how many slots."""
    day = day_of(since - _WAITED_AT_MOST)
    went = await tx.run(warmings.went(slice_of(buckets), since, day))
    events: Mapping[UUID, StoredEvent] = {}
    if cap.picks.tags and went:  # history does not keep them
        events = await read_events(tx, runtime.shards, {one.event_id for one in went})
    topics = runtime.shelf.catalog.topics
    stamps: dict[str, list[Stamp]] = {}
    for one in went:
        draft, facts = _draft(one, topics.get(one.topic), events.get(one.event_id))
        if caps.counts(cap, draft, facts):
            stamps.setdefault(one.recipient_id, []).append(Stamp(one.at, one.delivery_id))
    if stamps:
        now = await runtime.database.tell_time()
        await tx.run(ledgers.make_ledgers(stamps))
        locked = await tx.run(ledgers.await_ledgers(stamps))
        after = {
            who: slots.merged(ledger, {cap: stamps[who]}, now) for who, ledger in locked.items()
        }
        await tx.run(ledgers.write_ledgers(after))
    return sum(map(len, stamps.values()))


def _draft(one: Went, topic: Topic | None, event: StoredEvent | None) -> tuple[Draft, Facts]:
    """A delivery that went, as its decision saw it: what is not known any more is as it is now."""
    topic = topic or Topic(one.topic, one.topic, one.topic, one.klass, ())
    draft = Draft(
        one.recipient_id, one.channel, topic, Step("", one.channel, None), None, None, test=False,
        delivery_id=one.delivery_id, campaign=one.campaign,
        tags=() if event is None else event.tags or (),
    )  # fmt: skip
    return draft, Facts(Profile(one.recipient_id, org=one.org), ledger=Ledger())
