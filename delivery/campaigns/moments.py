"""When the messages of a run may go: to everybody at once, spread, throttled, or by local time."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from delivery.campaigns.body import CampaignBody, Schedule

UNDO = timedelta(seconds=60)
"""How long a launch can be taken back before anything of it goes."""
EARLIEST = timedelta(hours=14)
"""How much sooner a local time comes in the first zone of the world than in UTC."""
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


def starts_at(schedule: Schedule, now: datetime) -> datetime:
    """When a run that is launched now begins."""
    wanted = schedule.at
    if schedule.local_at is not None:
        wanted = schedule.local_at.replace(tzinfo=UTC) - EARLIEST
    return max(wanted or now, now + UNDO)


def local_moment(schedule: Schedule, zone: str, start: datetime) -> datetime | None:
    """When it goes to somebody in a zone; `None` where that had passed when the run began.

    Who is told `tomorrow` gets it at the same time of the first day on which it has not passed.
    A time that a clock jumps over is the moment it jumps to; of one that comes twice, the first.
    """
    if schedule.local_at is None:
        return start
    there = ZoneInfo(zone)
    moment = schedule.local_at.replace(tzinfo=there).astimezone(UTC)
    if moment >= start:
        return moment
    if schedule.late == "skip":
        return None
    days = (start.astimezone(there).date() - schedule.local_at.date()).days
    for more in (days, days + 1):
        day = schedule.local_at.date() + _DAY * more
        moment = datetime.combine(day, _time(schedule), there).astimezone(UTC)
        if moment >= start:
            return moment
    return moment


def _time(schedule: Schedule) -> time:
    assert schedule.local_at is not None  # noqa: S101 - for mypy: only who has one asks
    return schedule.local_at.time()


@dataclass(frozen=True, slots=True)
class Spread:
    """How the messages of a stage follow each other.

    Attributes:
        start: When the first may go.
        apart: How long after it the next may; zero: all of them at once.
    """

    start: datetime
    apart: timedelta

    def at(self, place: int) -> datetime:
        """When the message at this place may go."""
        return self.start + self.apart * place


def spread(body: CampaignBody, start: datetime, members: int) -> Spread:
    """How a stage of so many people goes out."""
    schedule = body.schedule
    apart = timedelta()
    if schedule.over is not None and members:
        apart = schedule.over // members
    if schedule.per_minute is not None:
        apart = max(apart, _MINUTE / schedule.per_minute)
    return Spread(start, apart)
