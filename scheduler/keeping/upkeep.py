"""The upkeep ticks: heartbeats, partitions, counts, and what is too old."""

import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib.metadata import version
from uuid import UUID

import structlog

from models.database import DatabaseError, Transaction
from models.ids import day_of
from models.queries.configuring import files
from models.queries.folding import soft_bounces
from models.queries.keeping import partitions, upkeep
from models.queries.people import feed
from models.queries.planning import kept
from models.queries.planning.sources import all_sources, drained_sources
from models.queries.routing import Shards, Slice
from models.queries.sending import counts
from models.records import Source
from scheduler.keeping.partitions import ensure
from scheduler.planning.fanout import expanding_days
from scheduler.planning.intake import ROW_KEYS_LIVE
from scheduler.runtime import Runtime

LATE = 1.0
"""Seconds a machine's clock may differ before its worker says so."""
TOMBSTONES_KEPT = timedelta(days=30)
"""How long a client may stay away and still be told what was archived."""
_ITEMS_AT_ONCE = 5000
_KEPT = 5000
_FORGOTTEN_AFTER = timedelta(hours=1)
_FOLDED_AFTER = timedelta(minutes=3)

log = structlog.get_logger()


async def heartbeat(runtime: Runtime) -> int:
    """Say that this worker lives, and how far its clock is off."""
    now = await runtime.database.tell_time()
    skew = runtime.database.clock.skew()
    if abs(skew) > LATE:
        log.warning("clock.skewed", seconds=round(skew, 3))
    heart = upkeep.Heartbeat(
        runtime.worker, socket.gethostname(), os.getpid(), version("tidings"),
        round(skew * 1000), runtime.process,
    )  # fmt: skip
    await runtime.database.run(upkeep.beat(heart, now))
    return 1


async def prepare_days(runtime: Runtime) -> int:
    """Have partitions for today and the days ahead."""
    now = await runtime.database.tell_time()
    await ensure(runtime, partitions.days_from(day_of(now)))
    return 1


async def fold(runtime: Runtime) -> int:
    """Add up the counts of finished minutes."""
    now = await runtime.database.tell_time()
    before = (now - _FOLDED_AFTER).replace(second=0, microsecond=0)
    folded = 0
    for slice_ in runtime.shards.slices:
        async with runtime.database.begin() as tx:
            folded += await tx.run(counts.fold_moves(slice_, before))
            folded += await tx.run(counts.fold_latencies(slice_, before))
            folded += await tx.run(counts.fold_reactions(slice_, before))
    return folded


async def purge(runtime: Runtime) -> int:
    """Delete expired keys and whatever is older than the retention."""
    now = await runtime.database.tell_time()
    oldest = now - timedelta(days=runtime.settings.retention_days)
    spared = await _behind(runtime, now)
    async with runtime.database.begin() as tx:
        purged = await tx.run(upkeep.purge_idempotency(now))
        purged += await tx.run(upkeep.forget_workers(now - _FORGOTTEN_AFTER))
        purged += await tx.run(files.purge(now))
    for slice_ in runtime.shards.slices:
        if not spared:  # else older events may still come, and must find what took them back
            gone = upkeep.purge_tombstones(slice_, now - ROW_KEYS_LIVE)
            purged += await runtime.database.run(gone)
        purged += await _exhausted(
            upkeep.AT_ONCE, partial(_purge_keys, runtime, slice_, now, spared)
        )
        async with runtime.database.begin() as tx:
            for statement in upkeep.purge_aged(slice_, oldest):
                purged += await tx.run(statement)
            while_ = timedelta(days=runtime.settings.soft_bounce_days)
            purged += await tx.run(soft_bounces.purge(slice_, now - while_))
        purged += await _exhausted(_ITEMS_AT_ONCE, partial(_forget_items, runtime, slice_, now))
    purged += await _purge_kept(runtime, now)
    return purged + await _drop_days(runtime, oldest)


async def _exhausted(at_once: int, step: Callable[[], Awaitable[int]]) -> int:
    """Repeat a step that deletes at most so many rows, so that no transaction is long."""
    total = 0
    while (did := await step()) >= at_once:
        total += did
    return total + did


async def _purge_keys(
    runtime: Runtime, slice_: Slice, now: datetime, spared: Sequence[UUID]
) -> int:
    return await runtime.database.run(upkeep.purge_keys(slice_, now, spared))


async def _forget_items(runtime: Runtime, slice_: Slice, now: datetime) -> int:
    """Forget feed items that were put away so long ago that nobody needs their tombstone."""
    async with runtime.database.begin() as tx:
        remember, forget = feed.purge(slice_, now - TOMBSTONES_KEPT, _ITEMS_AT_ONCE)
        await tx.run(remember)
        return await tx.run(forget)


async def _purge_kept(runtime: Runtime, now: datetime) -> int:
    """Delete what producers kept long enough; a source that is away is looked at next time."""
    purged = 0
    for source in await runtime.database.run(drained_sources()):
        if source.keep_for is None:
            continue
        theirs, statement = runtime.source(source), kept.purge_kept(now - source.keep_for, _KEPT)
        with suppress(DatabaseError):
            purged += await _exhausted(_KEPT, partial(theirs.run, statement))
    return purged


async def _behind(runtime: Runtime, now: datetime) -> list[UUID]:
    """Sources whose oldest waiting row is nearly as old as its own key would be."""
    sources = await runtime.database.run(all_sources())
    limit = now - ROW_KEYS_LIVE + timedelta(days=1)
    return [source.source for source in sources if (await _oldest(runtime, source) or now) < limit]


async def _oldest(runtime: Runtime, source: Source) -> datetime | None:
    """When the oldest row of a source's outbox was written; those that post share ours."""
    try:
        return await runtime.source(source).run(upkeep.oldest_waiting())
    except DatabaseError:
        return datetime.min.replace(tzinfo=UTC)  # nobody can tell: better keep too much


async def _drop_days(runtime: Runtime, oldest: datetime) -> int:
    """Drop the partitions of days past their retention that nothing needs any more."""
    async with runtime.database.begin() as tx:
        aged = await tx.run(partitions.days_older_than(day_of(oldest)))
        days = {old.day for old in aged}
        needed = await _needed(tx, runtime.shards, days) if aged else set()
    return sum([await _drop(runtime, old) for old in aged if old.day not in needed])


async def _needed(tx: Transaction, shards: Shards, days: set[date]) -> set[date]:
    """Of these days, those with something that waits, is being expanded or is in doubt."""
    needed = await expanding_days(tx, shards)
    for slice_ in shards.slices:
        needed |= await tx.run(upkeep.waiting_days(slice_))
        for day in days - needed:
            if await tx.run(upkeep.has_in_doubt(slice_, day)):
                needed.add(day)
    return needed


async def _drop(runtime: Runtime, old: partitions.Old) -> int:
    try:
        async with runtime.database.autocommit() as tx:
            await tx.run(partitions.IMPATIENT)
            try:
                for statement in partitions.drop(old, runtime.shards):
                    await tx.run(statement)
            finally:
                await tx.run(partitions.PATIENT)
    except DatabaseError as error:
        log.info("partition.kept", table=old.table, day=str(old.day), error=str(error))
        return 0
    return 1
