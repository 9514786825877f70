"""Who belongs to an audience: a tree of conditions about one recipient."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

Scalar = str | int | float | bool

MOMENT = (
    "[1-8][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?"
    "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?"
)
"""A text that is taken for a moment: ISO 8601, as Python and Postgres both read it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time; a `timedelta` counts from now on, below zero into the past.

    Attributes:
        after: It begins with this moment; `None`: ever.
        before: It ends right before this moment; `None`: never.
    """

    after: datetime | timedelta | None = None
    before: datetime | timedelta | None = None

    def bounds(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Its first moment, and the first one behind it."""
        return _moment(self.after, now), _moment(self.before, now)

    def holds(self, moment: datetime, now: datetime) -> bool:
        """Whether a moment is in it."""
        after, before = self.bounds(now)
        return (after is None or moment >= after) and (before is None or moment < before)


def _moment(edge: datetime | timedelta | None, now: datetime) -> datetime | None:
    return (now + edge).astimezone(UTC) if isinstance(edge, timedelta) else edge


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; without parts it always does."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class NotOf:
    """The part does not hold; nor does it where nothing is known."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class AttributeIs:
    """An attribute is one of these texts, numbers or truth values."""

    name: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class AttributeContains:
    """An attribute is a list, and this is in it."""

    name: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class AttributeExists:
    """There is such an attribute, and it is not null."""

    name: str


@dataclass(frozen=True, slots=True)
class AttributeNumber:
    """An attribute is a number between these, both included."""

    name: str
    at_least: int | float | None = None
    at_most: int | float | None = None


@dataclass(frozen=True, slots=True)
class AttributeMoment:
    """An attribute is a date or a moment (ISO 8601; without an offset UTC) in a span."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class OrgIs:
    """The recipient is of one of these organisations."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ZoneIs:
    """The recipient's time zone is one of these."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocaleIs:
    """The recipient's locale matches one of these ranges (RFC 4647, basic filtering)."""

    ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Created:
    """The recipient became known in a span."""

    span: Span


class Did(StrEnum):
    """What there was between us and a recipient."""

    EVENT = "event"
    """An event for them, whatever became of its messages."""
    SENT = "sent"
    """A message was handed over, or is in their feed, and did not come back."""
    DELIVERED = "delivered"
    """The receiving side confirmed a message."""
    OPENED = "opened"
    """They opened a message: a person or a reader's proxy, no scanner."""
    CLICKED = "clicked"
    """They followed a link of a message: no scanner."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened at least, or at most, so many times.

    Attributes:
        topic: Of this topic alone.
        within: Counts back from now; `None`: as far as history is kept.
    """

    did: Did
    topic: str | None = None
    at_least: int | None = 1
    at_most: int | None = None
    within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class HasAddress:
    """The recipient has an address on a channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class Reachable:
    """One of the recipient's addresses on a channel is not suppressed, for a category if named."""

    channel: str
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Consents:
    """The recipient wants a category on a channel, as the gate understands it."""

    category: str
    channel: str


@dataclass(frozen=True, slots=True)
class InAudience:
    """The recipient is in another audience, as it is now."""

    key: str


@dataclass(frozen=True, slots=True)
class OnList:
    """The recipient is on a list, as it was brought in that time."""

    audience: str
    list: int


@dataclass(frozen=True, slots=True)
class Inside:
    """What `InAudience` means, put in its place."""

    key: str
    part: "Condition"


Condition = (
    AllOf | AnyOf | NotOf
    | AttributeIs | AttributeContains | AttributeExists | AttributeNumber | AttributeMoment
    | OrgIs | ZoneIs | LocaleIs | Created | Happened | HasAddress | Reachable | Consents
    | InAudience | OnList | Inside
)  # fmt: skip
