"""The installation-wide rules as values: one published document, read by every worker."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from models.records.catalog import Class
from models.records.digest_rules import Rhythm
from models.records.recipients import Json
from models.records.throttle import Over


@dataclass(frozen=True, slots=True)
class Picks:
    """Which deliveries a rule is about: of each kind what it names, all where it names nothing."""

    channels: frozenset[str] = frozenset()
    classes: frozenset[Class] = frozenset()
    categories: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    orgs: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


class Period(StrEnum):
    """A calendar window: it begins at midnight of the recipient."""

    DAY = "day"
    WEEK = "week"
    """From Monday."""
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Cap:
    """How much one recipient gets of what a rule picks.

    Attributes:
        limit: Slots of a window; `None`: no cap.
        window: A time to look back, rolling, or a period of the calendar.
        counts: Classes of which a message takes a slot.
        exempts: Classes of which a message needs none.
        digest: When goes together what is over it and collected, unless its topic or the
            recipient says.
    """

    key: str
    picks: Picks = field(default_factory=Picks)
    limit: int | None = None
    window: timedelta | Period = Period.DAY
    counts: frozenset[Class] = frozenset(Class)
    exempts: frozenset[Class] = frozenset({Class.CRITICAL, Class.TRANSACTIONAL})
    over: Over = Over.HOLD
    digest: Rhythm | None = None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When the recipients of what a rule picks are left alone.

    Attributes:
        weekly: Quiet times as `start` and `length` in minutes of the week, Monday 00:00 first,
            in order and without overlap.
        text: The same as somebody wrote it.
        sends: It was written as times at which may be sent, of which `weekly` is the rest.
        binding: A person's own hours do not replace it.
        zone: The time zone it is meant in; `None`: each recipient's own.
    """

    key: str
    weekly: tuple[tuple[int, int], ...]
    text: tuple[str, ...]
    sends: bool = False
    binding: bool = False
    zone: str | None = None
    picks: Picks = field(default_factory=Picks)


@dataclass(frozen=True, slots=True)
class Zones:
    """The time zones of recipients who have none of their own: by org, else the installation's."""

    default: str = "UTC"
    orgs: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules of one version; version 0 is before the first was published: no rules."""

    version: int = 0
    caps: tuple[Cap, ...] = ()
    quiet_hours: tuple[QuietHours, ...] = ()
    zones: Zones = field(default_factory=Zones)

    @property
    def rules(self) -> tuple[Cap | QuietHours, ...]:
        """Every rule, in the order people read them."""
        return (*self.quiet_hours, *self.caps)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A version of what holds for all, as it is kept; `document` is what was published, as JSON."""

    version: int
    document: dict[str, Any]
    note: str
    published_at: datetime
    published_by: str
