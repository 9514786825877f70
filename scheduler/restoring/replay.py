"""After a restore: doubt of what the database still has, and what producers kept comes again.

No worker may be at work while the database is marked; a replay may run beside them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from models.ids import day_of
from models.queries.configuring import warmings
from models.queries.planning import kept
from models.queries.planning.kept import Kept
from models.queries.planning.sources import OWN_SOURCE
from models.queries.repairing import restore
from models.queries.routing import Slice
from models.records import Source
from scheduler.keeping.partitions import ensure_day
from scheduler.known.shards import learn
from scheduler.planning import fanout, gather, plan
from scheduler.planning.intake import ROW_KEYS_LIVE, Again
from scheduler.restoring import campaigns
from scheduler.restoring.restore import doubt
from scheduler.runtime import Runtime

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Marked:
    """What was put in doubt.

    Attributes:
        rows: Of the queue.
        events: Of our own outbox, planned again.
        chunks: Of expanding events, planned again.
        campaigns: Paused; what they may have planned since is planned again.
    """

    rows: int
    events: int
    chunks: int
    campaigns: int


async def mark(runtime: Runtime, again: Again) -> Marked:
    """Doubt of everything in a restored database that may have gone since that moment.

    Raises:
        ValueError: A worker was at work after it: it is another moment, or they run already.
    """
    seen = await runtime.database.run(restore.newest_sign())
    if seen is not None and seen > again.at:
        raise ValueError(
            f"a worker was seen at {seen:%Y-%m-%dT%H:%M:%SZ}: stop all workers, and give the moment"
            " the database was restored to, not an earlier one"
        )
    await runtime.shelf.reread(runtime.database)
    await learn(runtime)
    rows = sum([await _doubt_queue(runtime, part, again) for part in runtime.shards.slices])
    while await gather.step(runtime):
        pass
    chunks = 0
    while did := await fanout.expand_again(runtime, again):
        chunks += did
    events = await _plan_waiting(runtime, again)
    marked = Marked(rows, events, chunks, await campaigns.pause(runtime, again))
    await _count_anew(runtime)
    return marked


async def _count_anew(runtime: Runtime) -> None:
    """Have all caps read again from history who got what: the ledgers were restored too."""
    await runtime.database.run(warmings.forget(()))


async def _doubt_queue(runtime: Runtime, slice_: Slice, again: Again) -> int:
    done = 0
    while True:
        now = await runtime.database.tell_time()
        async with runtime.database.begin() as tx:
            unsure = await tx.run(restore.lock_unsure(slice_, again.at, again.until, _AT_ONCE))
            await doubt(tx, unsure, runtime.shelf.catalog.topics, now)
        if not unsure:
            return done
        done += len(unsure)


async def _plan_waiting(runtime: Runtime, again: Again) -> int:
    """Plan what waited in our own outbox at that moment: since then it was planned and sent."""
    own = next(s for s in runtime.shelf.catalog.sources if s.source == OWN_SOURCE)
    done = 0
    while True:
        async with runtime.database.begin() as tx:
            rows = await tx.run(restore.read_waiting(again.at, _AT_ONCE))
            if not rows:
                return done
            await plan.settle(runtime, own, rows, again)
            await tx.run(plan.remove(own, [row.id for row in rows], again.at))
        done += len(rows)


async def replay(runtime: Runtime, source: Source, since: datetime, until: datetime) -> int:
    """Offer rows again that a source kept since a moment; those that are known are left alone.

    Returns:
        How many were offered.

    Raises:
        ValueError: The moment is older than what is recognised, or the source keeps nothing.
    """
    now = await runtime.database.tell_time()
    if since < now - ROW_KEYS_LIVE:
        raise ValueError(
            f"rows are recognised for {ROW_KEYS_LIVE.days} days: older ones would be sent again,"
            f" so give a moment after {now - ROW_KEYS_LIVE:%Y-%m-%dT%H:%M:%SZ}"
        )
    if source.keep_for is None:
        raise ValueError(f"{source.name} keeps no rows: see `tidings sources keep`")
    await learn(runtime)
    offered, last = 0, None
    while page := await _kept(runtime, source, since, last):
        for done_at, rows in groupby(page, key=lambda each: each.done_at):
            await ensure_day(runtime, day_of(done_at))
            again = Again(done_at, until)
            await plan.settle(runtime, source, [each.row for each in rows], again)
        offered, last = offered + len(page), page[-1]
    if offered:
        await _count_anew(runtime)
    return offered


async def _kept(runtime: Runtime, source: Source, since: datetime, last: Kept | None) -> list[Kept]:
    # Two workers' clocks may differ a little, and one of them may have committed late.
    begin = since - timedelta(minutes=1)
    return await runtime.source(source).run(kept.read_kept(begin, last, _AT_ONCE))
