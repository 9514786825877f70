"""How fast an account may go: set limits, lessons of deferrals, warm-up of a domain. Pure."""

import math
import re
from datetime import date, datetime, timedelta

from delivery.errors import ProviderError, ThrottledError
from delivery.messages import Receipt
from models.records import Bounce, Feedback, Kind, Pace

ALL = "all"
"""The destination that is every destination together."""
BURST = timedelta(seconds=1)
"""What was not used for so long may be used at once."""
_MINUTE, _TICK = timedelta(minutes=1), timedelta(microseconds=1)

_FIRST, _SLOWEST, _NO_LESSON = 600, 6, 6000
"""A minute: where a first deferral takes us, the least, and from where nothing is remembered."""
_ONE_LESSON = timedelta(seconds=10)
"""Deferrals so close together are one: they were all on their way already."""
_RECOVERY: float = 1.5
"""How much faster it may be after each minute without a deferral."""

_ASKS = re.compile(
    r"\brate|throttl|too (many|much|fast|quick)|slow|deferred|reputation|unusual|unsolicited|limit",
    re.IGNORECASE,
)
_STATUS = re.compile(r"\b(4\.7\.\d|5\.7\.28\b)")
_GREY = re.compile(r"gr[ea]y.?list", re.IGNORECASE)


def asks_to_slow_down(end: Receipt | Exception) -> bool:
    """Whether a destination told us that we are too fast for it (4.7.x, 421 and such texts).

    Greylisting says 4.7.1 too and means one sender and one recipient, not our speed.
    """
    if not isinstance(end, ProviderError) or end.reply is None or _GREY.search(end.reply.text):
        return isinstance(end, ThrottledError)
    reply = end.reply
    policy = (reply.enhanced or "").startswith("4.7.")
    words = 400 <= reply.code < 500 and _ASKS.search(reply.text) is not None  # noqa: PLR2004 - 4yz
    return isinstance(end, ThrottledError) or policy or words


_UNCLEAR = frozenset({None, Bounce.POLICY, Bounce.REFUSED, Bounce.TRANSIENT, Bounce.UNKNOWN})
"""Reasons that do not lie in the mailbox or the message."""


def asked_later(feedback: Feedback) -> bool:
    """The same of what a vendor or a bounce told after the hand-over."""
    text = feedback.text or ""
    if feedback.kind not in {Kind.DEFERRED, Kind.BOUNCED} or _GREY.search(text):
        return False
    return feedback.bounce in _UNCLEAR and (_STATUS.search(text) or _ASKS.search(text)) is not None


def allowed(pace: Pace, now: datetime) -> int | None:
    """What is left of a lesson now, a minute; `None` when it is forgotten."""
    if pace.per_minute is None or pace.slowed_at is None:
        return None
    minutes = max((now - pace.slowed_at) / _MINUTE, 0.0)
    # 50 minutes of recovery lead from anywhere to where nothing is remembered.
    grown: float = pace.per_minute * math.pow(_RECOVERY, min(int(minutes), 50))
    return int(grown) if grown < _NO_LESSON else None


def slowed(pace: Pace, at: datetime, limit: int | None) -> int | None:
    """The new lesson after a deferral; `None` when it is the same one as before.

    Args:
        pace: As it is known.
        at: When the deferral came.
        limit: The limit that people set, a minute.
    """
    if pace.slowed_at is not None and at - pace.slowed_at < _ONE_LESSON:
        return None
    known = allowed(pace, at)
    return max((known or min(limit or _FIRST, _FIRST)) // 2, _SLOWEST)


def strictest(limit: int | None, lesson: int | None) -> int | None:
    """What both together allow, a minute; `None`: as much as one likes."""
    found = [each for each in (limit, lesson) if each is not None]
    return min(found) if found else None


def interval(per_minute: int) -> timedelta:
    """The time between two messages, so that no minute anywhere sees more than allowed.

    Moments may be used up to `BURST` late, so a minute may hold those of a little more than one.
    """
    return timedelta(microseconds=math.ceil((_MINUTE + BURST) / _TICK / per_minute))


def warm_up_plan(first_day: date, today: date) -> list[tuple[date, int]]:
    """What a new sending domain may send today and on each day until it is warm."""
    days = [today + timedelta(days=number) for number in range(_WARM_DAYS)]
    return [(day, most) for day in days if (most := ceiling(first_day, day)) is not None]


_WARM_FROM, _WARM_TO, _WARM_DAYS = 50, 100_000, 16


def ceiling(first_day: date, today: date) -> int | None:
    """What a new sending domain may send today: 50 on its first day, 100,000 on its 16th.

    `None` once it is warm.
    """
    number = max((today - first_day).days, 0)
    if number >= _WARM_DAYS:
        return None
    return round(_WARM_FROM * math.pow(_WARM_TO / _WARM_FROM, number / (_WARM_DAYS - 1)))
