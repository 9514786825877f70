"""A campaign's numbers: from who was eligible to what they did, and how sure that is. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.campaigns.document import stored
from delivery.campaigns.judging import Count, Tally, tally
from delivery.campaigns.statistics import Share
from models.records import Run, RunState

RATE_OVER = timedelta(minutes=5)
"""How far back one looks to say how fast it goes."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of the people of some cohorts.

    Attributes:
        eligible: Those who were to get it.
        waiting: Messages that wait, by what they wait for.
    """

    name: str
    eligible: int
    tally: Tally
    waiting: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign has come.

    Attributes:
        expected: Messages of all who are frozen so far, those of later steps too.
        settled: Those of them that wait no more.
        per_minute: How many that were, on average of the last minutes.
        ends_at: When the rest will have gone at this pace; `None`: nobody can tell.
    """

    expected: int
    settled: int
    per_minute: float
    ends_at: datetime | None

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return min(1.0, self.settled / self.expected) if self.expected else 0.0


def progress(
    runs: Iterable[Run], messages: int, settled: int, lately: int, now: datetime
) -> Progress:
    """How far a campaign has come.

    Args:
        runs: Its runs.
        messages: How many each of its people gets of one step: the steps of its topic.
        settled: How many of its messages wait no more.
        lately: How many of those came within `RATE_OVER`.
        now: When one looks.
    """
    expected = max(messages * sum(map(_people_steps, runs)), settled)
    minutes = RATE_OVER / timedelta(minutes=1)
    return Progress(
        expected, settled, lately / minutes, ends_at(expected - settled, lately, now)
    )  # fmt: skip


def eligible(runs: Iterable[Run]) -> int:
    """How many were to get these runs; nobody those that were taken back."""
    return sum(run.eligible or 0 for run in runs if run.state is not RunState.UNDONE)


def _people_steps(run: Run) -> int:
    """Of how many people and steps a run is."""
    return eligible([run]) * len(stored(run.document).steps)


def by_variant(counts: Iterable[Count]) -> dict[str, Tally]:
    """Variant to what became of its messages, over all runs and steps."""
    grouped: dict[str, list[Count]] = {}
    for one in counts:
        grouped.setdefault(one.cohort.rpartition("/")[2], []).append(one)
    return {variant: tally(some) for variant, some in sorted(grouped.items())}


def ends_at(waiting: int, settled: int, now: datetime) -> datetime | None:
    """When all of it will have gone at the pace of the last minutes; `None`: nobody can tell."""
    if not waiting or not settled:
        return None
    return now + RATE_OVER * waiting / settled


def funnel_line(funnel: Funnel) -> str:
    """The funnel as one line that people read."""
    found = funnel.tally
    parts = [f"{funnel.eligible} eligible"]
    parts += _told({f"waiting ({why})": n for why, n in funnel.waiting.items()})
    parts += _told({f"{state} ({why or '–'})": n for (state, why), n in found.unsent.items()})
    parts += [f"{found.handed_over} handed over"]
    parts += _told({"delivered": found.ended.get("delivered", 0)})
    parts += _told(
        {"opened": found.opened, "clicked": found.clicked, "by machines": found.machines}
    )
    parts += _told({"converted": found.converted, "complained": found.complained})
    return f"{funnel.name}: {' › '.join(parts)}"


def _told(numbers: Mapping[str, int]) -> Sequence[str]:
    return [f"{number} {what}" for what, number in numbers.items() if number]


def rate_line(name: str, share: Share) -> str:
    """A rate with how sure it is: `a: 12.0 % clicked (10.1 to 14.2 %)`."""
    low, high = share.interval
    warning = "; too few to conclude from" if share.is_small else ""
    return f"{name}: {share.rate:.1%} ({low:.1%} to {high:.1%} of {share.of}{warning})"
