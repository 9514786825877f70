"""Days, weeks and months as the calendar of a place has them. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.records import Period


def begin_of(period: Period, moment: datetime, zone: str) -> datetime:
    """The instant at which the period of a moment began there (UTC).

    A midnight that a change of clocks leaves out is the instant of the change; of one that comes
    twice the first counts.
    """
    return _midnight(_first_day(period, moment.astimezone(ZoneInfo(zone)).date()), zone)


def end_of(period: Period, moment: datetime, zone: str) -> datetime:
    """The instant at which the next one begins."""
    first = _first_day(period, moment.astimezone(ZoneInfo(zone)).date())
    match period:
        case Period.DAY:
            return _midnight(first + timedelta(days=1), zone)
        case Period.WEEK:
            return _midnight(first + timedelta(days=7), zone)
        case Period.MONTH:
            return _midnight((first + timedelta(days=31)).replace(day=1), zone)


def _first_day(period: Period, day: date) -> date:
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=day.weekday())
        case Period.MONTH:
            return day.replace(day=1)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
