"""The paces that bound accounts: who gets a moment, of which account, and who waits how long."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from delivery.reputation.trust import A_LITTLE
from delivery.roads import pacing
from delivery.roads.accounts import choose
from delivery.roads.destinations import destination_of
from models.queries.configuring import traffic
from models.queries.configuring.traffic import Moments
from models.records import Account
from scheduler.known.roads import Way
from scheduler.runtime import Runtime
from scheduler.sending.letters import Letter

PROBATION = "probation of"
"""Stands for the account in the way of a scope on probation; no account is called so."""
FARTHEST = timedelta(minutes=10)
"""No letter is put off for longer at once, however many wait before it."""


def destination_keys(address: str) -> tuple[str, str]:
    """The group of an address, and its domain: limits speak of either."""
    return destination_of(address), address.rpartition("@")[2].lower()


def way_of(account: str, address: str) -> Way:
    """The way that a deferral is about: the group, or the domain where there is none."""
    group, domain = destination_keys(address)
    return account, domain if group == "other" else group


@dataclass
class Paced:
    """Letters that got their moments, in their order, and those that wait, with until when."""

    going: list[Letter] = field(default_factory=list)
    waiting: list[tuple[Letter, datetime]] = field(default_factory=list)


async def keep_pace(
    runtime: Runtime,
    letters: Sequence[Letter],
    usable: Mapping[str, Sequence[Account]],
    now: datetime,
) -> Paced:
    """Take the moments that letters need, of all ways they go; who gets none waits.

    Where a limit that people set is full, an account that has room carries the letter. Where a
    destination asked us to slow down the letter waits: it did not mean another way in. `usable`
    are by channel the accounts that may carry what another one has no room for.
    """
    paced, asking = Paced(), list(letters)
    full: dict[UUID, list[dict[Way, datetime]]] = defaultdict(list)
    while asking:
        taken = await _take_all(runtime, asking, now)
        again: list[Letter] = []
        for letter in asking:
            if not (short := taken.use(letter)):
                paced.going.append(letter)
                continue
            full[letter.row.delivery_id].append(short)
            another = _another(runtime, letter, short, usable[letter.row.channel], now)
            if another is None:
                turns = full[letter.row.delivery_id]
                paced.waiting.append((letter, _in_turn(runtime, letter, turns, now)))
            else:
                again.append(
                    replace(letter, account=another, full=(*letter.full, letter.account.key))
                )
        asking = again
    place = {letter.row.delivery_id: number for number, letter in enumerate(letters)}
    paced.going.sort(key=lambda letter: place[letter.row.delivery_id])
    return paced


def _another(
    runtime: Runtime,
    letter: Letter,
    short: Iterable[Way],
    usable: Sequence[Account],
    now: datetime,
) -> Account | None:
    """An account that may have room, unless it is the destination that wants less."""
    if any(way[0] == PROBATION or runtime.roads.is_slowed(way, now) for way in short):
        return None
    seen = {*letter.full, letter.account.key}
    # A share of the work, no secret.
    return choose([one for one in usable if one.key not in seen], random.random())  # noqa: S311


@dataclass
class _Taken:
    """The moments that were taken, by way, and the ways of each letter."""

    ways: Mapping[UUID, Sequence[Way]]
    moments: Mapping[Way, Moments]
    left: dict[Way, int]

    def use(self, letter: Letter) -> dict[Way, datetime]:
        """Use a moment of each way the letter goes; else the full ones, and their next moments."""
        ways = self.ways[letter.row.delivery_id]
        full = {way: self.moments[way].next_at for way in ways if not self.left[way]}
        for way in () if full else ways:
            self.left[way] -= 1
        return full


async def _take_all(runtime: Runtime, letters: Sequence[Letter], now: datetime) -> _Taken:
    ways = {letter.row.delivery_id: _ways(runtime, letter, now) for letter in letters}
    needed = Counter(way for each in ways.values() for way in each)
    moments = {way: await _take(runtime, way, needed[way], now) for way in sorted(needed)}
    return _Taken(ways, moments, {way: found.taken for way, found in moments.items()})


def _ways(runtime: Runtime, letter: Letter, now: datetime) -> list[Way]:
    """The bounded ways a letter goes: its account's as a whole, its group's, its domain's.

    So is the way of a scope on probation, whatever account it goes over.
    """
    names = {pacing.ALL, *destination_keys(letter.message.recipient)}
    ways = [(letter.account.key, name) for name in sorted(names)]
    paused = runtime.controls.paused(runtime.letterhead.domain)
    slow = [] if letter.row.test else paused.slows(letter.row.klass, letter.mail)
    ways += [(PROBATION, scope) for scope in slow]
    return [way for way in ways if _pace(runtime, way, now) is not None]


def _pace(runtime: Runtime, way: Way, now: datetime) -> int | None:
    """How many a minute may go this way; `None`: as many as one likes."""
    return A_LITTLE if way[0] == PROBATION else runtime.roads.pace(way, now)


async def _take(runtime: Runtime, way: Way, number: int, now: datetime) -> Moments:
    per_minute = _pace(runtime, way, now)
    if per_minute is None:
        return Moments(number, now)
    if per_minute == 0:
        return Moments(0, now + FARTHEST)
    every = pacing.interval(per_minute)
    async with runtime.database.begin() as tx:
        await tx.run(traffic.make_pace(*way, now))
        return await tx.run(traffic.take_moments(way, number, every, now - pacing.BURST, now))


def _in_turn(
    runtime: Runtime, letter: Letter, full: Sequence[Mapping[Way, datetime]], now: datetime
) -> datetime:
    """When a letter's turn may come: behind those of its class that this worker put off before.

    `full` are of each account that had no room the full ways and their next moments: the letter
    queues for the one that has room first.
    """
    turns = [
        {way: _turn(runtime, (*way, letter.row.klass), after, now) for way, after in each.items()}
        for each in full
    ]
    first = min(turns, key=lambda each: max(each.values()))
    for way, turn in first.items():
        runtime.turns[*way, letter.row.klass] = turn
    return max(first.values())


def _turn(
    runtime: Runtime, queue: tuple[str, str, str], following: datetime, now: datetime
) -> datetime:
    account, destination, _ = queue
    per_minute = _pace(runtime, (account, destination), now) or 1
    turn = max(runtime.turns.get(queue, now), following, now) + pacing.interval(per_minute)
    return min(turn, now + FARTHEST)
