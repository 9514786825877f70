"""The moments of a recurring campaign: cron in a time zone, by APScheduler's trigger. Pure.

Only the next moment is computed here; the campaign's row is the truth about which was the last.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from apscheduler.triggers.cron import CronTrigger

CLOSEST = timedelta(minutes=15)
"""Runs of one campaign may not follow each other faster."""
_FIELDS = 5
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Recurring:
    """A rule for moments.

    Attributes:
        cron: Minute, hour, day of month, month and day of week.
        zone: In which these are read.
        until: No moment is after it.
    """

    cron: str
    zone: str
    until: datetime | None = None

    def after(self, moment: datetime) -> datetime | None:
        """The first moment after this one; `None` when there is none any more.

        Of a clock that is set back the first of two equal times counts.
        """
        trigger = _trigger(self.cron, self.zone)
        found: datetime | None = trigger.get_next_fire_time(None, moment + timedelta(seconds=1))
        return None if found is None or (self.until and found > self.until) else found

    def fault(self, now: datetime) -> str | None:
        """What is wrong with it, and what to do."""
        if len(self.cron.split()) != _FIELDS:
            return "write minute, hour, day of month, month and day of week: '0 9 * * mon'"
        try:
            moments = self.first(now)
        except ValueError as error:
            return f"this is no cron: {error}"
        if not moments:
            return "it has no moment any more"
        if any(b - a < CLOSEST for a, b in pairwise(moments)):
            return f"runs may not be closer than {CLOSEST // timedelta(minutes=1)} minutes"
        return None

    def first(self, now: datetime, most: int = _LOOKED_AT) -> list[datetime]:
        """The next moments after this one, at most so many.

        Raises:
            ValueError: It is no cron.
        """
        moments: list[datetime] = []
        at = self.after(now)
        while at is not None and len(moments) < most:
            moments.append(at)
            at = self.after(at)
        return moments


@lru_cache(maxsize=256)
def _trigger(cron: str, zone: str) -> CronTrigger:
    return CronTrigger.from_crontab(cron, timezone=zone)
