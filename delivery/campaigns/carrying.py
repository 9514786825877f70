"""What accounts let through of a campaign in which hour, and what each of them costs. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from delivery.roads.pacing import ALL, ceiling
from models.records import Account

_HOUR = timedelta(hours=1)
_MINUTES = 60
_LOOKED_AT = 24 * 90
"""Hours: what has not gone after so many is said to go in the last of them."""
_CENT = Decimal("0.01")
_LOT = 1000
"""Messages that a price is for."""
_MAIL = "email"


@dataclass(frozen=True, slots=True)
class Ways:
    """What carries messages.

    Attributes:
        accounts: By channel, the best first; a channel without any has no bound.
        limits: Account and group of destinations to the most a minute, as people set them.
        first_day: Of the sending domain, while it is new.
    """

    accounts: Mapping[str, Sequence[Account]]
    limits: Mapping[tuple[str, str], int]
    first_day: date | None = None


@dataclass
class Carried:
    """What goes when, and over which account.

    Attributes:
        hours: How many go in the hour that begins then.
        over: Account to how many it carries.
        ends_at: When the last of what had to wait goes; `None`: nothing had to.
    """

    hours: Counter[datetime] = field(default_factory=Counter)
    over: Counter[str] = field(default_factory=Counter)
    ends_at: datetime | None = None


def carry(wanted: Mapping[tuple[str, datetime], int], ways: Ways) -> Carried:
    """Let each hour's messages through as far as accounts and the domain's ceiling allow.

    Limits to single destinations and what others send at the same time are not looked at.

    Args:
        wanted: Channel and hour to how many would go then.
        ways: What carries them.
    """
    found = Carried()
    for channel in sorted({one for one, _ in wanted}):
        hours = {at: number for (one, at), number in wanted.items() if one == channel}
        _carry(channel, hours, ways, found)
    return found


def _carry(channel: str, hours: Mapping[datetime, int], ways: Ways, found: Carried) -> None:
    accounts = ways.accounts.get(channel, ())
    at, last, waiting, slowed = min(hours), max(hours), 0, False
    used: Counter[date] = Counter()
    for _ in range(_LOOKED_AT):
        waiting += hours.get(at, 0)
        day = at.astimezone(UTC).date()
        room = _room(accounts, ways, _left(channel, ways, day, used[day]))
        went = waiting if room is None else min(waiting, room)
        used[day] += went
        waiting -= went
        slowed = slowed or waiting > 0
        _note(went, at, accounts, ways, found)
        if slowed and went and room:
            found.ends_at = max(found.ends_at or at, at + _HOUR * (went / room))
        if at >= last and not waiting:
            return
        at += _HOUR
    found.hours[at] += waiting


def _note(went: int, at: datetime, accounts: Sequence[Account], ways: Ways, found: Carried) -> None:
    if went:
        found.hours[at] += went
        found.over.update(_shared(went, accounts, ways))


def _left(channel: str, ways: Ways, day: date, used: int) -> int | None:
    """What the ceiling of a new domain leaves of a day."""
    if channel != _MAIL or ways.first_day is None:
        return None
    most = ceiling(ways.first_day, day)
    return None if most is None else max(most - used, 0)


def _room(accounts: Sequence[Account], ways: Ways, left: int | None) -> int | None:
    """How many may go in an hour; `None`: as many as there are."""
    each = [_an_hour(one, ways) for one in accounts]
    known = [one for one in each if one is not None]
    most = sum(known) if known and len(known) == len(each) else None
    bounds = [one for one in (most, left) if one is not None]
    return min(bounds, default=None)


def _an_hour(account: Account, ways: Ways) -> int | None:
    limit = ways.limits.get((account.key, ALL))
    return None if limit is None else limit * _MINUTES


def _shared(went: int, accounts: Sequence[Account], ways: Ways) -> dict[str, int]:
    """Which account carries how many: the highest priority first, equals by weight."""
    found: dict[str, int] = {}
    for priority in sorted({one.priority for one in accounts}, reverse=True):
        equals = [one for one in accounts if one.priority == priority]
        rooms = [_an_hour(one, ways) for one in equals]
        room = None if None in rooms else sum(one or 0 for one in rooms)
        taken = went if room is None else min(went, room)
        found |= _by_weight(taken, equals)
        went -= taken
    return found


def _by_weight(number: int, equals: Sequence[Account]) -> dict[str, int]:
    found, weights = {}, sum(max(one.weight, 1) for one in equals)
    for one in equals:
        weight = max(one.weight, 1)
        found[one.key] = number * weight // weights
        number, weights = number - found[one.key], weights - weight
    return found


def costs(over: Mapping[str, int], accounts: Sequence[Account]) -> dict[str, Decimal]:
    """Account to what its messages cost, of those that have a price."""
    return {
        one.key: (one.price * over[one.key] / _LOT).quantize(_CENT)
        for one in accounts
        if one.price is not None and over.get(one.key)
    }
