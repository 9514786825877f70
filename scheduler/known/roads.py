"""How accounts fare and how fast they may go, as this process knows it: at most a second old."""

import asyncio
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import reduce

import structlog

from delivery.messages import Receipt
from delivery.roads import breaker as breakers, pacing
from delivery.roads.breaker import PROBES, Sign
from models.database import Database, UnavailableError
from models.queries.configuring import traffic
from models.records import Breaker, BreakerState, Pace

_FRESH = 0.5
"""Seconds after which it is read again."""

Way = tuple[str, str]
"""An account and a group of destinations, or a domain."""

log = structlog.get_logger()


class Roads:
    """Breakers, paces, limits and warm-ups. What a worker learns is told to all by the database.

    Attributes:
        limits: What people set, a minute.
        warm_ups: New sending domains and their first days.
        reopened: Set when an account works again: what was held for it may go.
    """

    def __init__(self) -> None:
        self.limits: dict[Way, int] = {}
        self.warm_ups: Mapping[str, date] = {}
        self.reopened = False
        self._breakers: dict[str, Breaker] = {}
        self._lessons: dict[Way, Pace] = {}
        self._probes: dict[str, int] = {}
        self._signs: list[tuple[str, Sign]] = []
        self._slow: dict[Way, tuple[datetime, str]] = {}
        self._telling: asyncio.Task[None] | None = None
        self._asked_at = float("-inf")

    @property
    def free(self) -> bool:
        """Whether nothing bounds anybody: the usual case, in which nobody need be asked."""
        closed = all(one.state is BreakerState.CLOSED for one in self._breakers.values())
        return closed and not (self.limits or self._lessons or self.warm_ups)

    async def refresh(self, database: Database) -> None:
        """Read it all again, when it was read more than half a second ago."""
        if time.monotonic() - self._asked_at <= _FRESH:
            return
        with suppress(UnavailableError):  # what was known still counts; the ticks say it is away
            await self.reread(database)

    async def reread(self, database: Database) -> None:
        """Tell what was learned here, and read what all others did."""
        self._asked_at = time.monotonic()
        await self.tell(database)
        async with database.begin() as tx:
            found = await tx.run(traffic.breakers())
            lessons = await tx.run(traffic.lessons())
            limits = await tx.run(traffic.limits())
            self.warm_ups = await tx.run(traffic.warm_ups())
        now = database.clock.now()
        self.limits = {(one.account, one.destination): one.per_minute for one in limits}
        self._lessons = {
            (one.account, one.destination): one for one in lessons if pacing.allowed(one, now)
        }
        for one in found:
            self._know(one)

    def _know(self, breaker: Breaker) -> None:
        """Take over what all see; what was seen here since then still counts."""
        before = self._breakers.get(breaker.account)
        pending = [seen for account, seen in self._signs if account == breaker.account]
        self._breakers[breaker.account] = reduce(breakers.after, pending, breaker)
        if breaker.state is not BreakerState.HALF_OPEN:
            self._probes.pop(breaker.account, None)
        closed = breaker.state is BreakerState.CLOSED
        self.reopened |= closed and before is not None and before.state is not BreakerState.CLOSED

    def note(self, account: str, way: Way, end: Receipt | Exception, now: datetime) -> None:
        """Learn from how an attempt ended; what matters is told to all within moments."""
        known = self._breakers.get(account)
        if isinstance(end, Receipt) and (known is None or breakers.is_healthy(known)):
            return
        if pacing.asks_to_slow_down(end):
            self.slow_down(way, str(end), now)
            return
        known = known or breakers.healthy(account, now)
        # Jitter needs no secret randomness.
        seen = breakers.sign(end, now, random.random())  # noqa: S311
        if seen.error is None and breakers.is_healthy(known):
            return
        self._breakers[account] = breakers.after(known, seen)
        self._signs.append((account, seen))

    def slow_down(self, way: Way, asked: str, at: datetime) -> None:
        """Learn that a destination asked for less, in its own words."""
        self._slow.setdefault(way, (at, asked[:300]))

    def tell_soon(self, database: Database) -> None:
        """Have what was learned told in the background."""
        if (self._signs or self._slow) and (self._telling is None or self._telling.done()):
            self._telling = asyncio.create_task(self._tell_quietly(database))

    async def _tell_quietly(self, database: Database) -> None:
        try:
            await self.tell(database)
        except UnavailableError as error:
            log.warning("roads.untold", error=str(error))  # the next reading tells it

    async def tell(self, database: Database) -> None:
        """Merge what was learned here into what all see.

        Raises:
            UnavailableError: The database is away; nothing is forgotten.
        """
        for account in {account for account, _ in self._signs}:
            signs = [seen for name, seen in self._signs if name == account]
            await self._tell_breaker(database, account, signs)
            told = set(map(id, signs))
            self._signs = [pair for pair in self._signs if id(pair[1]) not in told]
        for way, (at, error) in list(self._slow.items()):
            await self._tell_pace(database, way, at, error)
            self._slow.pop(way, None)

    async def _tell_breaker(self, database: Database, account: str, signs: list[Sign]) -> None:
        async with database.begin() as tx:
            await tx.run(traffic.make_breaker(account, signs[0].at))
            (before,) = await tx.run(traffic.lock_breaker(account))
            merged = reduce(breakers.after, signs, before)
            await tx.run(traffic.write_breaker(merged))
        if merged.state is not before.state:
            self.reopened |= merged.state is BreakerState.CLOSED
            log.warning(
                "account.breaker", account=account, state=merged.state, error=merged.last_error
            )
        self._breakers[account] = merged

    async def _tell_pace(self, database: Database, way: Way, at: datetime, error: str) -> None:
        async with database.begin() as tx:
            await tx.run(traffic.make_pace(*way, at))
            (before,) = await tx.run(traffic.lock_pace(*way))
            lesson = pacing.slowed(before, at, self.limits.get(way))
            if lesson is None:
                return
            taught = Pace(*way, before.next_at, lesson, at, error)
            await tx.run(traffic.teach(taught))
        log.info("account.slowed", account=way[0], destination=way[1], per_minute=lesson)
        self._lessons[way] = taught

    def pace(self, way: Way, now: datetime) -> int | None:
        """How many a minute may go this way; `None`: as many as one likes."""
        lesson = self._lessons.get(way)
        taught = None if lesson is None else pacing.allowed(lesson, now)
        return pacing.strictest(self.limits.get(way), taught)

    def is_slowed(self, way: Way, now: datetime) -> bool:
        """Whether a destination asked us to slow down, and still counts on it."""
        lesson = self._lessons.get(way)
        return lesson is not None and pacing.allowed(lesson, now) is not None

    def breaker(self, account: str) -> Breaker | None:
        """How an account fares; `None`: nothing bad is known."""
        return self._breakers.get(account)

    def spare(self, account: str) -> int | None:
        """How many messages may still go over an account; `None`: as many as one likes."""
        known = self._breakers.get(account)
        if known is None or known.state is BreakerState.CLOSED:
            return None
        return self._probes.get(account, 0)

    def use(self, account: str) -> None:
        """Count one message of a probe."""
        if account in self._probes:
            self._probes[account] -= 1

    async def probe(self, database: Database, account: str, now: datetime) -> None:
        """Take the right to find out whether an account works again, if nobody else has it."""
        known = self._breakers.get(account)
        if known is None or not breakers.may_probe(known, now):
            return
        async with database.begin() as tx:
            (current,) = await tx.run(traffic.lock_breaker(account)) or (known,)
            if breakers.may_probe(current, now):
                current = breakers.probing(current, now)
                await tx.run(traffic.write_breaker(current))
                self._probes[account] = PROBES
        self._breakers[account] = current
