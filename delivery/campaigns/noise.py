"""What a campaign added to what its people got anyway, and whether they had enough. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.ids import BUCKETS
from models.readings.figures import Period

WEEK = timedelta(days=7)
BEFORE = 4
"""Weeks before a run that the one after it is held against."""
ASKED = 2000
"""About how many people are looked at for what else they got."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What the people of a run got besides it in the week that began with it.

    Attributes:
        run: Its number.
        people: How many were to get it.
        besides: Number of other messages to how many of the people looked at got so many.
        opted_out: Beginning of a week to how many people of the run turned something off in it.
        complained: The same for complaints.
        since: When the run began.
    """

    run: int
    people: int
    since: datetime
    besides: Mapping[int, int]
    opted_out: Mapping[datetime, int]
    complained: Mapping[datetime, int]

    @property
    def asked(self) -> int:
        """How many people were looked at for what else they got."""
        return sum(self.besides.values())

    @property
    def mean(self) -> float:
        """How many other messages one of them got on average."""
        total = sum(messages * people for messages, people in self.besides.items())
        return total / self.asked if self.asked else 0.0

    @property
    def busiest(self) -> float:
        """The share of them who got more than one a day."""
        many = sum(people for messages, people in self.besides.items() if messages > WEEK.days)
        return many / self.asked if self.asked else 0.0


def week_after(start: datetime) -> Period:
    """The week that begins with a run."""
    return Period(start, start + WEEK, WEEK)


def weeks_around(start: datetime) -> Period:
    """The weeks before a run, and the one after it."""
    return Period(start - BEFORE * WEEK, start + WEEK, WEEK)


def sample(people: int, wanted: int) -> list[int]:
    """Buckets in which about as many people are as are wanted; spread over all shards.

    Ids are hashed into buckets, so who lies in some of them stands for all.
    """
    wanted = max(1, min(BUCKETS, BUCKETS * wanted // max(people, 1)))
    return [number * BUCKETS // wanted for number in range(wanted)]


def usual(weeks: Mapping[datetime, int], start: datetime) -> float:
    """How many it were in a week before a run, on average."""
    return sum(number for at, number in weeks.items() if at < start) / BEFORE
