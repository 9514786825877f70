"""How the trust in a scope moves: by its rates, by time, or by a person.

    ok ⇄ watch → tripped → probation → ok
                    ↑__________|

What trips a scope counts no more once its pause is over: else the flood that was would hold it
for a week. A pause that follows another within a day is twice as long, so nothing flaps.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from delivery.reputation.rates import LINES, level
from delivery.reputation.sentences import why
from models.records import STOPPED, Level, Rate, Reputation, Trust

SHORTEST, LONGEST = timedelta(hours=1), timedelta(hours=24)
"""A first pause, and the longest of those that follow each other."""
PROBATION = timedelta(hours=1)
"""So long only a little goes after a pause."""
A_LITTLE = 10
"""Promotional mails a minute of a scope on probation, over all workers."""
_CALM = timedelta(hours=24)
"""After so long without a pause the next one is short again."""
_SETTLES = 0.8
"""A rate must fall to this part of the line before it is watched no more."""


def fresh(scope: str, now: datetime) -> Reputation:
    """A scope of which nothing is known yet."""
    return Reputation(scope, Trust.OK, now)


def after(before: Reputation, found: tuple[Rate, ...], now: datetime) -> Reputation:
    """The scope after its rates were looked at; the same rates again change nothing."""
    seen = replace(before, rates=found, judged_at=now)
    match before.trust:
        case Trust.HELD:
            return seen
        case Trust.TRIPPED:
            return _proved(seen, now) if _over(before, now) else seen
        case _ if level(found) is Level.TRIPPED:
            return _tripped(seen, now)
        case Trust.PROBATION:
            return _trusted(seen, now) if _over(before, now) else seen
        case Trust.OK | Trust.WATCH:
            return _watched(seen, now)


def _over(before: Reputation, now: datetime) -> bool:
    return before.until is None or before.until <= now


def _tripped(seen: Reputation, now: datetime) -> Reputation:
    trips = _trips(seen, now)
    pause = min(SHORTEST * 2 ** min(trips, 16), LONGEST)
    return replace(
        seen,
        trust=Trust.TRIPPED,
        since=now,
        until=now + pause,
        trips=trips + 1,
        why=why(seen.rates),
        set_by="",
        told=False,
    )


def _trips(seen: Reputation, now: datetime) -> int:
    """Pauses that still count as following each other."""
    calm = seen.trust in {Trust.OK, Trust.WATCH} and now - seen.since >= _CALM
    return 0 if calm else seen.trips


def _proved(seen: Reputation, now: datetime) -> Reputation:
    return replace(seen, trust=Trust.PROBATION, since=now, until=now + PROBATION, forgiven_at=now)


def _trusted(seen: Reputation, now: datetime) -> Reputation:
    return replace(seen, trust=Trust.OK, since=now, until=None, why="", set_by="")


def _watched(seen: Reputation, now: datetime) -> Reputation:
    stays = seen.trust is Trust.WATCH and any(map(_unsettled, seen.rates))
    trust = Trust.WATCH if stays or level(seen.rates) is Level.WATCH else Trust.OK
    if trust is seen.trust:
        return seen
    said = why(seen.rates) if trust is Trust.WATCH else ""
    return replace(seen, trust=trust, since=now, why=said, trips=_trips(seen, now))


def _unsettled(rate: Rate) -> bool:
    enough = rate.of >= LINES[rate.measure].least
    return enough and rate.floor > rate.watch * _SETTLES


def held(before: Reputation, by: str, reason: str, now: datetime) -> Reputation:
    """The scope after a person stopped it."""
    return replace(
        before, trust=Trust.HELD, since=now, until=None, why=reason, set_by=by, told=True
    )


def lifted(before: Reputation, by: str, reason: str, now: datetime) -> Reputation:
    """The scope after a person let it go: at once and in full, and what was counted is forgiven.

    Raises:
        ValueError: Nothing stops its mail.
    """
    if before.trust in {Trust.OK, Trust.WATCH}:
        raise ValueError(f"{before.scope} is not paused: there is nothing to let go")
    return replace(
        before,
        trust=Trust.OK,
        since=now,
        until=None,
        forgiven_at=now,
        why=reason,
        set_by=by,
        told=True,
    )


def is_stopped(reputation: Reputation) -> bool:
    """Whether no promotional mail goes there."""
    return reputation.trust in STOPPED
