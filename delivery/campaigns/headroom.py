"""How many messages a day caps leave to one person, beside what campaigns plan. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from delivery.campaigns.calendar import Entry, Part
from delivery.limits.caps import may_limit
from delivery.outlook import due, supposed
from models.records import Cap, Topic


@dataclass(frozen=True, slots=True)
class Headroom:
    """A day of an audience.

    Attributes:
        planned: Messages that campaigns have for each of them.
        allowed: As many as the tightest cap on them lets through.
        cap: The key of that.
    """

    day: date
    audience: str
    planned: int
    allowed: int
    cap: str


def tight(
    found: Iterable[Entry], topics: Mapping[str, Topic], caps: Iterable[Cap], zone: ZoneInfo,
    now: datetime,
) -> list[Headroom]:  # fmt: skip
    """Days on which campaigns alone have more for an audience than a cap lets through.

    A cap over longer than a day is taken to have all of its slots left.
    """
    planned: Counter[tuple[date, str, Cap]] = Counter()
    known = tuple(caps)
    for entry in found:
        topic = topics.get(entry.campaign.topic)
        if topic is None or entry.body.audience is None or entry.part in {Part.CANARY, Part.TEST}:
            continue
        day = entry.at.astimezone(zone).date()
        for cap, messages in _limited(known, topic, entry.campaign.key, now).items():
            planned[day, entry.body.audience, cap] += messages
    return [
        Headroom(day, audience, messages, cap.limit, cap.key)
        for (day, audience, cap), messages in sorted(planned.items(), key=lambda one: one[0][:2])
        if cap.limit is not None and messages > cap.limit
    ]


def _limited(caps: Iterable[Cap], topic: Topic, campaign: str, now: datetime) -> Counter[Cap]:
    """How many messages of one piece of news each cap may limit, of those that limit any."""
    made = supposed(topic, "anybody", "{}", now)
    rows = [replace(due(one, now), campaign=campaign) for one in made]
    return Counter(cap for cap in caps for row in rows if may_limit(cap, row, topic))
