"""Which letters go now and over which account; which must wait, and for what."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from delivery.policies.reputation import LOOK_AGAIN
from delivery.retries import Outcome, held
from delivery.roads import pacing
from delivery.roads.accounts import choose
from delivery.roads.switches import stopped
from models.ids import day_of
from models.queries.configuring import traffic
from models.reasons import Hold
from models.records import Account, BreakerState, Class
from scheduler.known.paces import FARTHEST, keep_pace
from scheduler.runtime import Runtime
from scheduler.sending.letters import Letter

_NO_ACCOUNT = timedelta(minutes=1)
_PROBED = timedelta(seconds=2)
"""How soon to look again while somebody finds out whether an account works."""


@dataclass
class Allotment:
    """What may go, and what waits.

    Attributes:
        going: In their order, each with the account that carries it.
        waiting: With what it waits for.
    """

    going: list[Letter]
    waiting: list[tuple[Letter, Outcome]] = field(default_factory=list)

    def put_off(self, letter: Letter, hold: Hold, until: datetime) -> None:
        """Let a letter wait, but not past its end."""
        last = letter.row.expires_at
        self.waiting.append(
            (letter, held(letter.row, hold, until if last is None else min(until, last)))
        )


async def allot(runtime: Runtime, letters: Sequence[Letter]) -> Allotment:
    """Ask the switches, the breakers and the paces; no question to the database where none bounds.

    Raises:
        UnavailableError: Moments cannot be had.
    """
    now = runtime.database.clock.now()
    allotment = Allotment(list(letters))
    _obey_switches(runtime, allotment, now)
    _obey_pauses(runtime, allotment, now)
    if allotment.going and _bounded(runtime, allotment.going):
        await _find_accounts(runtime, allotment, now)
        await _keep_pace(runtime, allotment, now)
        _obey_pauses(runtime, allotment, now)  # also of the accounts they were given
        await _keep_ceiling(runtime, allotment, now)
    return allotment


def _bounded(runtime: Runtime, letters: Sequence[Letter]) -> bool:
    off = runtime.controls.stops.accounts
    bound = not runtime.roads.free or bool(runtime.controls.trust)
    return bound or any(letter.account.key in off for letter in letters)


def _obey_switches(runtime: Runtime, allotment: Allotment, now: datetime) -> None:
    """One may have been set while the batch was on its way."""
    stops = runtime.controls.stops
    until = stopped((one.row for one in allotment.going), stops, now) if stops else {}
    if until:
        letters, allotment.going = allotment.going, []
        for letter in letters:
            if letter.row.delivery_id in until:
                why = stops.why(letter.row)
                allotment.put_off(letter, why, until[letter.row.delivery_id])
            else:
                allotment.going.append(letter)


def _obey_pauses(runtime: Runtime, allotment: Allotment, now: datetime) -> None:
    """One may have begun while the batch was on its way; and accounts are known only now."""
    paused = runtime.controls.paused(runtime.letterhead.domain)
    if not paused.stopped:
        return
    letters, allotment.going = allotment.going, []
    for letter in letters:
        if paused.stops(letter.row.klass, letter.mail) and not letter.row.test:
            allotment.put_off(letter, Hold.REPUTATION, now + LOOK_AGAIN)
        else:
            allotment.going.append(letter)


async def _find_accounts(runtime: Runtime, allotment: Allotment, now: datetime) -> None:
    """Move letters from accounts that may not be used to others; the rest waits."""
    letters, allotment.going = allotment.going, []
    usable: dict[str, list[Account]] = {}
    for channel in {letter.row.channel for letter in letters}:
        usable[channel] = switched_on(runtime, channel)
        for candidate in usable[channel]:
            await runtime.roads.probe(runtime.database, candidate.key, now)
    for letter in letters:
        may = [one for one in usable[letter.row.channel] if runtime.roads.spare(one.key) != 0]
        account = letter.account if letter.account in may else choose(may, random.random())  # noqa: S311
        if account is None:
            allotment.put_off(letter, *_why(runtime, letter.row.channel, now))
        else:
            runtime.roads.use(account.key)
            allotment.going.append(replace(letter, account=account))


def switched_on(runtime: Runtime, channel: str) -> list[Account]:
    """The accounts of a channel that nobody switched off."""
    off = runtime.controls.stops.accounts
    return [account for account in runtime.accounts(channel) if account.key not in off]


def works(runtime: Runtime, account: Account) -> bool:
    """Whether an account's breaker is closed: it takes what another cannot."""
    return runtime.roads.spare(account.key) is None


def _why(runtime: Runtime, channel: str, now: datetime) -> tuple[Hold, datetime]:
    """What a letter without a usable account waits for."""
    there = runtime.accounts(channel)
    on = switched_on(runtime, channel)
    if there and not on:
        return Hold.KILL_SWITCH, now + FARTHEST
    known = [runtime.roads.breaker(account.key) for account in on]
    resting = [one for one in known if one is not None and one.state is not BreakerState.CLOSED]
    if not resting:
        return Hold.ACCOUNT, now + _NO_ACCOUNT
    # While somebody probes, the answer is a matter of seconds.
    moments = [one.retry_at for one in resting if one.state is BreakerState.OPEN and one.retry_at]
    return Hold.BREAKER, max(min(moments, default=now), now + _PROBED)


async def _keep_pace(runtime: Runtime, allotment: Allotment, now: datetime) -> None:
    """Let go what its account has room for, or another that works; the rest waits its turn."""
    spared = {
        channel: [one for one in switched_on(runtime, channel) if works(runtime, one)]
        for channel in {letter.row.channel for letter in allotment.going}
    }
    paced = await keep_pace(runtime, allotment.going, spared, now)
    allotment.going = paced.going
    for letter, until in paced.waiting:
        allotment.put_off(letter, Hold.RATE, until)


async def _keep_ceiling(runtime: Runtime, allotment: Allotment, now: datetime) -> None:
    """Count against the day of a sending domain that is new; critical letters go in any case."""
    domain, today = runtime.letterhead.domain, day_of(now)
    first = runtime.roads.warm_ups.get(domain)
    most = None if first is None else pacing.ceiling(first, today)
    mails = [letter for letter in allotment.going if letter.row.channel == "email"]
    if most is None or not mails:
        return
    must = sum(letter.row.klass is Class.CRITICAL for letter in mails)
    async with runtime.database.begin() as tx:
        await tx.run(traffic.make_warm_up_day(domain, today))
        left = await tx.run(traffic.take_share(domain, today, (must, len(mails) - must), most))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    letters, allotment.going = allotment.going, []
    for letter in letters:
        counted = letter.row.channel == "email" and letter.row.klass is not Class.CRITICAL
        if counted and not left:
            allotment.put_off(letter, Hold.RATE, midnight)
        else:
            left -= counted
            allotment.going.append(letter)
