"""How senders fare with receivers, as values: counts, rates against lines, and what is paused."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self


class Measure(StrEnum):
    """What receivers hold against a sender."""

    BOUNCES = "bounces"
    """Mail to addresses that are dead, or that came back without a clear reason."""
    COMPLAINTS = "complaints"
    """Mail that its readers called spam."""
    POLICY = "policy"
    """Mail that was refused for what we are: authentication, policy, reputation (5.7.x)."""


class Window(StrEnum):
    """The time a rate looks back on."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


class Level(StrEnum):
    """What a rate means."""

    OK = "ok"
    WATCH = "watch"
    TRIPPED = "tripped"


class Trust(StrEnum):
    """Whether promotional mail may go in a scope."""

    OK = "ok"
    """It goes."""
    WATCH = "watch"
    """It goes; a rate is above half of what a receiver begins to look at."""
    TRIPPED = "tripped"
    """It waits: a rate is above half of what a receiver acts on."""
    PROBATION = "probation"
    """A little of it goes, until the rates say that more may."""
    HELD = "held"
    """It waits until the person who stopped it, or another one, lets it go."""


STOPPED = frozenset({Trust.TRIPPED, Trust.HELD})
"""Where no promotional mail goes."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Moves of deliveries between states in a while, under the dimensions a scope is made of."""

    at: datetime
    sender: str
    account: str
    campaign: str
    topic: str
    destination: str
    state: str
    reason: str
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of mail in a while, by when it became known.

    Attributes:
        sent: Handed over, or refused while being handed over.
        dead: Came back for good: there is no such address, or it takes nothing any more.
        unclear: Came back, and nobody said clearly why.
        policy: Refused for what we are.
        audience: Of whom a complaint could be heard: what was delivered, or sent where nobody
            tells of deliveries, to receivers that tell of complaints.
        told: News that came later than the hand-over: without any, nobody gives feedback.
    """

    sent: int = 0
    delivered: int = 0
    dead: int = 0
    unclear: int = 0
    policy: int = 0
    complained: int = 0
    audience: int = 0
    told: int = 0

    def __add__(self, other: "Counts") -> Self:
        """Both together; written out, because a tick adds some hundred thousand of them."""
        return type(self)(
            self.sent + other.sent,
            self.delivered + other.delivered,
            self.dead + other.dead,
            self.unclear + other.unclear,
            self.policy + other.policy,
            self.complained + other.complained,
            self.audience + other.audience,
            self.told + other.told,
        )

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return self != _NOTHING


_NOTHING = Counts()


@dataclass(frozen=True, slots=True)
class Rate:
    """One share of mail, and what is held against it.

    Attributes:
        of: How many mails; 0: none.
        hits: How many of them.
        floor: The share is at least this, as far as so few mails can tell (99.5 %).
        watch: Above it, somebody should look.
        trip: Above it, promotional mail is paused.
        heard: Whether anybody would have told us.
    """

    measure: Measure
    window: Window
    hits: int
    of: int
    floor: float
    watch: float
    trip: float
    level: Level
    heard: bool = True

    @property
    def share(self) -> float | None:
        """What is known of it; `None` where nobody would have told us, or nothing was sent."""
        return self.hits / self.of if self.of and (self.heard or self.hits) else None


@dataclass(frozen=True, slots=True)
class Reputation:
    """How one scope fares.

    Attributes:
        scope: Its name, `topic:news`; see `delivery.reputation.scopes`.
        since: When it came into its state.
        until: When a pause, or a probation, is over; `None`: not by itself.
        trips: Pauses in a row; each makes the next one longer.
        forgiven_at: What was counted before it counts no more.
        why: What it is paused for, as a sentence, or what the person said.
        set_by: The person who stopped it or let it go; empty: nobody.
        judged_at: When its rates were looked at.
        told: Operators were told of its last trip.
    """

    scope: str
    trust: Trust
    since: datetime
    until: datetime | None = None
    trips: int = 0
    forgiven_at: datetime | None = None
    why: str = ""
    set_by: str = ""
    rates: tuple[Rate, ...] = field(default=())
    judged_at: datetime | None = None
    told: bool = True
