"""The overview's figures, made of counts. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.showing.spans import bins
from models.readings.events import Event
from models.readings.figures import Flow, Period, Speed, Standing, WorkerSign
from models.records import DomainCheck, Reputation
from models.states import QUEUED, DeliveryState as D

IN_APP = "in_app"
RATE_OVER = timedelta(minutes=5)
"""Sends a minute are the mean of so much time, or of one bin where bins are longer."""


@dataclass(frozen=True, slots=True)
class History:
    """What was counted in a period."""

    period: Period
    flows: tuple[Flow, ...]
    speeds: tuple[Speed, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue as it stands."""

    now: datetime
    standings: tuple[Standing, ...]
    releases: Mapping[datetime, int]
    in_doubt: int = 0
    """Deliveries nobody knows the end of; they left the queue."""

    @property
    def depth(self) -> int:
        """Rows, due or not."""
        return sum(standing.rows for standing in self.standings)

    @property
    def due(self) -> int:
        """Rows whose time has come and nobody works on."""
        return sum(standing.due for standing in self.standings)

    @property
    def oldest_due(self) -> timedelta | None:
        """How long the one that waits longest has been due."""
        moments = [each.oldest_due for each in self.standings if each.oldest_due]
        return self.now - min(moments) if moments else None

    @property
    def held(self) -> Counter[str]:
        """Rows that wait for something, by what they wait for."""
        held: Counter[str] = Counter()
        for standing in self.standings:
            if standing.held_for:
                held[standing.held_for] += standing.rows
        return held


UNSEEN_AFTER = timedelta(seconds=30)
"""A worker that says nothing for so long is taken for lost."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells of trouble besides the counts.

    Attributes:
        workers: Those of the last day, the ones longest out of sight first.
        rejected: The newest events that were refused in the last day.
        domains: How sending domains fared at the last look.
        paused: Scopes whose promotional mail waits for our reputation.
    """

    now: datetime
    workers: tuple[WorkerSign, ...]
    rejected: tuple[Event, ...]
    domains: tuple[DomainCheck, ...] = ()
    paused: tuple[Reputation, ...] = ()

    @property
    def lost(self) -> list[WorkerSign]:
        """Workers out of sight for too long."""
        return [each for each in self.workers if self.now - each.seen_at > UNSEEN_AFTER]


AHEAD = timedelta(days=1)
"""How far the releases of held rows are looked ahead."""
AHEAD_STEP = timedelta(hours=1)


def release_course(queue: Queue) -> list[int]:
    """How many held rows come due in each hour of the coming day."""
    hours = [queue.now + number * AHEAD_STEP for number in range(AHEAD // AHEAD_STEP)]
    return [queue.releases.get(hour, 0) for hour in hours]


def series(of: Period, flows: Iterable[Flow], count: Callable[[Flow], int]) -> list[int]:
    """A count for each bin of the period."""
    found: Counter[datetime] = Counter()
    for flow in flows:
        found[flow.at] += count(flow)
    return [found[at] for at in bins(of)]


def entered(*states: str, outside: str | None = None) -> Callable[[Flow], int]:
    """Counts what came into these states, leaving one channel out."""
    wanted = frozenset(states)
    return lambda flow: flow.entered * (flow.state in wanted and flow.channel != outside)


def staying(*states: str, outside: str | None = None) -> Callable[[Flow], int]:
    """Counts what came into these states less what left them, leaving one channel out.

    A move from one of them to another counts for nothing.
    """
    wanted = frozenset(states)
    return lambda flow: (
        (flow.entered - flow.left) * (flow.state in wanted and flow.channel != outside)
    )


def depths(history: History, depth: int) -> list[int]:
    """The queue's depth at the end of each bin, counted back from what it is now."""
    found: list[int] = []
    for change in reversed(series(history.period, history.flows, staying(*QUEUED))):
        found.append(max(depth, 0))
        depth -= change
    return found[::-1]


def per_minute(counts: list[int], step: timedelta, now_share: float = 1.0) -> float:
    """Counts of the last bins, as a mean a minute.

    Args:
        counts: One for each bin; the last bin is still running.
        step: Length of a bin.
        now_share: How much of the running bin is over, 0 to 1.
    """
    whole = max(int(RATE_OVER / step), 1)
    recent = counts[-(whole + 1) :]
    minutes = (len(recent) - 1 + now_share) * (step / timedelta(minutes=1))
    return sum(recent) / minutes if minutes else 0.0


def rates(parts: list[int], wholes: list[int]) -> list[float]:
    """Share of each bin; 0 where there was nothing."""
    return [part / whole if whole else 0.0 for part, whole in zip(parts, wholes, strict=True)]


def quantile(histogram: Mapping[int, int], share: float) -> float | None:
    """The duration in milliseconds that this share stayed within; `None` for an empty histogram.

    Inside a bin, durations are taken to be spread evenly on the logarithmic scale.
    """
    total = sum(histogram.values())
    below = 0.0
    for bin_, count in sorted(histogram.items()):
        if count and below + count >= share * total:
            return float(2 ** ((bin_ + (share * total - below) / count) / 4))
        below += count
    return None


def histograms(history: History) -> dict[datetime, Counter[int]]:
    """The histogram of commit → sent for each bin that has one."""
    found: dict[datetime, Counter[int]] = {}
    for speed in history.speeds:
        found.setdefault(speed.at, Counter())[speed.bin] += speed.count
    return found


def overall(history: History) -> Counter[int]:
    """The histogram of the whole period."""
    return sum(histograms(history).values(), Counter())


OUTCOMES = (D.FAILED, D.BOUNCED, D.IN_DOUBT, D.SKIPPED, D.EXPIRED, D.CANCELLED)
"""States that have a reason worth a look, the worst first."""


def outcomes(flows: Iterable[Flow]) -> list[tuple[str, str, int]]:
    """(State, reason, how many) for what was not simply sent; the most first."""
    found: Counter[tuple[str, str]] = Counter()
    for flow in flows:
        if flow.state in OUTCOMES:
            found[flow.state, flow.reason] += flow.entered
    return [(state, reason, count) for (state, reason), count in found.most_common() if count]
