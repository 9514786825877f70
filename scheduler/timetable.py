"""What runs when, in every worker process at once: claims make that safe.

The only file that knows APScheduler. One in-memory scheduler a process; a tick never runs
twice at once in it, a late one still runs, and several missed ones run once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from models.database import DatabaseError
from models.ids import BUCKETS
from scheduler.campaigns import advance, ending, foretelling, recurring
from scheduler.erasing import erase as erasing
from scheduler.folding import conversions, feedback, reconcile
from scheduler.keeping import approvals, domain_watch, lag, reputation, upkeep, waking, warming
from scheduler.planning import fanout, gather, plan, profiles, threads
from scheduler.planning.relays import Relays
from scheduler.runtime import Runtime
from scheduler.sending import digests, feed, send
from scheduler.sending.lanes import Turns
from scheduler.sending.release import release
from scheduler.ticking.insistence import insist
from scheduler.ticking.linger import LONGEST_PAUSE, Tick

log = structlog.get_logger()

UPKEEP: tuple[tuple[Callable[[Runtime], Awaitable[int]], float], ...] = (
    (upkeep.heartbeat, 10.0),
    (erasing.step, 1.0),
    (waking.keep, 0.5),
    (waking.wake_for_rules, 2.0),
    (digests.close, 1.0),
    (recurring.recur, 1.0),
    (foretelling.step, foretelling.EVERY),
    (conversions.step, 1.0),
    (threads.take_back, 1.0),
    (gather.step, 1.0),
    (release, 5.0),
    (lag.look, 10.0),
    (fanout.finish, 60.0),
    (upkeep.prepare_days, 3600.0),
    (upkeep.fold, 60.0),
    (reputation.judge, reputation.EVERY),
    (warming.warm, 1.0),
    (reconcile.reconcile, 60.0),
    (domain_watch.watch, 3.0),
    (domain_watch.forget, 3600.0),
    (approvals.expire, 60.0),
    (upkeep.purge, 3600.0),
    (ending.forget, 3600.0),
)
"""Ticks of housekeeping and the seconds between them."""


class _Overlap(logging.Filter):
    """Drops the one warning that a lingering tick causes by design."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "maximum number of running instances" not in record.getMessage()


_END_WITHIN = 20.0
"""Seconds a tick gets to end its step after SIGTERM."""
_PROFILES_AT_ONCE = 200
_OFTEN = 0.05
"""Seconds between looks for what is critical, while the plan ticks may be at work."""
_SELDOM = 0.25
"""Seconds between looks of ticks that the plan tick of their own process wakes."""


def hot_ticks(runtime: Runtime) -> list[Tick]:
    """The ticks that stay: profiles, plan, fan out, feed, send, feedback."""
    accepts = {key: channel.accepts for key, channel in runtime.channels.items()}
    # Two, of different people: one batch is filled while Postgres writes the other.
    even, odd = (Turns(runtime.settings.worker_send_batch, range(BUCKETS)[n::2]) for n in (0, 1))
    send_turns = Turns(runtime.settings.worker_send_batch)
    outbox, queue, stopping = runtime.outbox_came, runtime.queue_came, runtime.stopping
    away = runtime.outage

    async def drain_profiles() -> int:
        return await profiles.drain(
            runtime.database, accepts, runtime.pseudonyms, _PROFILES_AT_ONCE
        )

    return [
        Tick(away, drain_profiles, asyncio.Event(), stopping, _SELDOM),
        Tick(away, lambda: plan.step(runtime), outbox.ear(), stopping),
        # Once more, so that a batch is computed while Postgres writes the one before.
        Tick(away, lambda: plan.step(runtime), outbox.ear(), stopping, _SELDOM),
        # So that what is critical waits for neither.
        Tick(away, lambda: plan.urgent(runtime), outbox.ear(), stopping, _OFTEN),
        Tick(away, lambda: fanout.step(runtime), queue.ear(), stopping, _SELDOM),
        Tick(away, lambda: advance.step(runtime), asyncio.Event(), stopping, _SELDOM),
        Tick(away, lambda: feed.step(runtime, even), queue.ear(), stopping, _SELDOM),
        Tick(away, lambda: feed.step(runtime, odd), queue.ear(), stopping, _SELDOM),
        Tick(away, lambda: send.step(runtime, send_turns), queue.ear(), stopping, _SELDOM),
        Tick(away, lambda: feedback.step(runtime), asyncio.Event(), stopping, _SELDOM),
    ]


@dataclass(frozen=True, slots=True)
class Timetable:
    """The scheduler of one worker process and its hot ticks."""

    scheduler: AsyncIOScheduler
    ticks: Sequence[Tick]

    def start(self) -> None:
        """Start every tick now."""
        self.scheduler.start()

    async def stop(self) -> None:
        """Start nothing more and let the ticks end, which see by themselves that we stop."""
        self.scheduler.pause()
        async with asyncio.timeout(_END_WITHIN):
            for tick in self.ticks:
                await tick.ended.wait()

    def shutdown(self) -> None:
        """End the scheduler."""
        self.scheduler.shutdown(wait=False)


def build(runtime: Runtime) -> Timetable:
    """A timetable with every tick, not yet started."""
    logging.getLogger("apscheduler.scheduler").addFilter(_Overlap())
    scheduler = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
    )
    now = runtime.database.clock.now()
    ticks = hot_ticks(runtime)
    for tick in ticks:
        scheduler.add_job(tick.run, IntervalTrigger(seconds=1), next_run_time=now)
    for work, seconds in (*UPKEEP, (Relays().keep, 1.0)):
        scheduler.add_job(
            _guarded, IntervalTrigger(seconds=seconds), args=(work, runtime), next_run_time=now
        )
    return Timetable(scheduler, ticks)


async def _guarded(work: Callable[[Runtime], Awaitable[int]], runtime: Runtime) -> int:
    """Housekeeping that fails is logged and comes again; at once when the database is back."""
    try:
        return await insist(
            runtime.outage,
            partial(work, runtime),
            while_=lambda: not runtime.stopping.is_set(),
            longest=LONGEST_PAUSE,
        )
    except DatabaseError as error:
        log.warning("upkeep.failed", tick=work.__name__, error=str(error))
        return 0
