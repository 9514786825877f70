"""The reputation tick: counts become rates, rates trip or free a scope, a trip is told once.

One worker judges at a time. A trip commits first and is told after, by whoever comes next if need
be: trouble with the notice must not let the mail go on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from delivery.reputation import trust
from delivery.reputation.counting import ASKED, ByScope, spread, together
from delivery.reputation.rates import Line, lines_of, rates
from delivery.reputation.trust import is_stopped
from models.database import Transaction
from models.people import AuditEntry
from models.queries.console import people
from models.queries.keeping import reputations
from models.records import Counts, Measure, Reputation, Trust, Window
from scheduler.keeping import notices
from scheduler.runtime import Runtime
from scheduler.settings import WorkerSettings

EVERY = 60.0
"""Seconds between two judgements, of all workers together."""
_HOUR, _BIN = timedelta(hours=1), timedelta(minutes=5)
_AT_ONCE = timedelta(hours=6)
_LENGTHS = {Window.DAY: timedelta(days=1), Window.WEEK: timedelta(days=7)}
_AGAIN = timedelta(seconds=EVERY * 3 / 4)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Found:
    """What was counted: the last hour by bins; the long windows without what is forgiven."""

    recent: ByScope
    longer: Mapping[Window, Mapping[str, Counts]]

    def scopes(self) -> set[str]:
        return set(self.recent).union(*self.longer.values())

    def of(self, one: Reputation, since: datetime) -> dict[Window, Counts]:
        """What counts for a scope, by window."""
        begins = max(since, one.forgiven_at or since)
        hour = together(self.recent.get(one.scope, {}), begins)
        longer = {window: found.get(one.scope, Counts()) for window, found in self.longer.items()}
        # What came since the last full hour after it was forgiven is in none of the others.
        return {Window.HOUR: hour, **{window: each or hour for window, each in longer.items()}}


async def judge(runtime: Runtime) -> int:
    """Judge every scope, unless somebody just did; how many changed their state."""
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        changed = await _judge(tx, runtime, now) if await _is_due(tx, now) else []
    for one in changed:
        log.warning("reputation.changed", scope=one.scope, state=str(one.trust), why=one.why)
    await _tell(runtime, now)
    return len(changed)


async def _is_due(tx: Transaction, now: datetime) -> bool:
    if not await tx.run(reputations.judge_alone()):
        return False
    last = await tx.run(reputations.judged_at())
    return last is None or not timedelta() <= now - last < _AGAIN


async def _tell(runtime: Runtime, now: datetime) -> None:
    """Tell of trips that nobody was told of; one that was freed since is told by the audit."""
    async with runtime.database.begin() as tx:
        untold = await tx.run(reputations.lock_untold())
        if untold:
            await notices.tell(tx, runtime, [one for one in untold if is_stopped(one)], now)
            await tx.run(reputations.write([replace(one, told=True) for one in untold]))


async def _judge(tx: Transaction, runtime: Runtime, now: datetime) -> list[Reputation]:
    found = await _count(tx, now)
    known = await tx.run(reputations.reputations())
    names = found.scopes() | {one.scope for one in known}
    await tx.run(reputations.make(names, now))
    before = await tx.run(reputations.lock(names))
    lines = lines_in_use(runtime.settings)
    since = _floor(now - _HOUR, _BIN)
    after = [trust.after(one, rates(one.scope, found.of(one, since), lines), now) for one in before]
    await tx.run(reputations.write(after))
    await tx.run(reputations.forget([one.scope for one in after if _says_nothing(one, now)]))
    pairs = [pair for pair in zip(before, after, strict=True) if pair[0].trust is not pair[1].trust]
    await _note(tx, pairs, now)
    return [one for _, one in pairs]


def _says_nothing(one: Reputation, now: datetime) -> bool:
    """Whether a scope may be forgotten: no mail in a week, and nothing of it is forgiven."""
    forgiven = one.forgiven_at is not None and now - one.forgiven_at < 2 * _LENGTHS[Window.WEEK]
    return one.trust is Trust.OK and not forgiven and not any(rate.of for rate in one.rates)


async def _note(
    tx: Transaction, pairs: Iterable[tuple[Reputation, Reputation]], now: datetime
) -> None:
    """What stops or frees mail is in the audit, also when no person did it."""
    watched = {Trust.OK, Trust.WATCH}
    for before, after in pairs:
        if not {before.trust, after.trust} <= watched:
            were, are = str(before.trust), str(after.trust)
            entry = AuditEntry(
                now, "tidings", "judged a reputation", after.scope, {}, were, are, after.why
            )
            await tx.run(people.write_audit(entry))


async def _count(tx: Transaction, now: datetime) -> _Found:
    """Count the hours that are not final yet anew, and read the windows."""
    this_hour = _floor(now, _HOUR)
    newest = await tx.run(reputations.counted_until())
    oldest = this_hour - _LENGTHS[Window.WEEK]
    # Once more the hour before: what was committed at its very end is in it now.
    since = oldest if newest is None else max(oldest, min(newest, this_hour) - _HOUR)
    await _count_hours(tx, since, this_hour + _HOUR)
    await tx.run(reputations.forget_hours(now - reputations.KEPT))
    begins = _floor(now - _HOUR, _BIN)
    recent = spread(await tx.run(reputations.counted(ASKED, begins, now + _BIN, _BIN)))
    longer = {
        window: await tx.run(reputations.summed(this_hour - length + _HOUR))
        for window, length in _LENGTHS.items()
    }
    return _Found(recent, longer)


async def _count_hours(tx: Transaction, since: datetime, until: datetime) -> None:
    """Add whole hours up by scope; a few at a time, because others of this worker wait."""
    while since < until:
        ends = min(since + _AT_ONCE, until)
        hours = spread(await tx.run(reputations.counted(ASKED, since, ends, _HOUR)))
        await tx.run(
            reputations.write_hours(
                {(scope, at): each for scope, bins in hours.items() for at, each in bins.items()}
            )
        )
        since = ends


def _floor(moment: datetime, step: timedelta) -> datetime:
    """The beginning of the step a moment is in."""
    return moment - (moment - datetime.fromtimestamp(0, moment.tzinfo)) % step


def lines_in_use(settings: WorkerSettings) -> Mapping[Measure, Line]:
    """The lines by the settings."""
    return lines_of(
        {
            Measure.BOUNCES: settings.reputation_bounces,
            Measure.COMPLAINTS: settings.reputation_complaints,
            Measure.POLICY: settings.reputation_policy,
        }
    )
