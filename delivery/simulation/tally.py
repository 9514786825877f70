"""What a simulation found, added up."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import nlargest

from delivery.simulation.replay import Fate

LAGS: tuple[tuple[str, timedelta], ...] = (
    ("at once", timedelta(minutes=1)),
    ("within 15 min", timedelta(minutes=15)),
    ("within 1 h", timedelta(hours=1)),
    ("within 4 h", timedelta(hours=4)),
    ("within 12 h", timedelta(hours=12)),
    ("within a day", timedelta(days=1)),
)
"""How long after they were wanted messages go, and the longest wait that is still called so."""
LATER = "later"
_SHOWN = 20

Subject = tuple[str, str | None]
"""Topic and campaign."""


@dataclass(frozen=True, slots=True)
class Affected:
    """Messages of one recipient, as they were and as they would have been."""

    recipient_id: str
    before: int
    after: int

    @property
    def change(self) -> int:
        """How many more; negative: fewer."""
        return self.after - self.before


@dataclass
class Tally:
    """Counts of what happened and of what would have.

    Attributes:
        decisions: How many verdicts were asked for.
        before: Deliveries by subject and outcome, as they were.
        after: The same, as they would have been.
        held: Deliveries that would have waited, by subject and reason.
        lags: How long after they were wanted they would have gone, by the names of `LAGS`.
        recipients: How many had messages, or would have.
        affected: Whose number of messages would have changed most.
    """

    decisions: int = 0
    before: Counter[tuple[Subject, str]] = field(default_factory=Counter)
    after: Counter[tuple[Subject, str]] = field(default_factory=Counter)
    held: Counter[tuple[Subject, str]] = field(default_factory=Counter)
    lags: Counter[str] = field(default_factory=Counter)
    recipients: int = 0
    affected: list[Affected] = field(default_factory=list)

    def add(
        self, recipient_id: str, was: Iterable[Fate], would: Iterable[Fate], decisions: int
    ) -> None:
        """Add one recipient."""
        self.decisions += decisions
        before, after = _count(self.before, was), _count(self.after, self._waits(would))
        if before or after:
            self.recipients += 1
        if before != after:
            found = [*self.affected, Affected(recipient_id, before, after)]
            self.affected = nlargest(_SHOWN, found, key=lambda one: abs(one.change))

    def _waits(self, fates: Iterable[Fate]) -> Iterator[Fate]:
        for fate in fates:
            if fate.held_for is not None:
                self.held[(fate.topic, fate.campaign), fate.held_for] += 1
            if fate.interrupts:
                self.lags[lag(fate.at - fate.wanted_at)] += 1
            yield fate

    @property
    def messages(self) -> tuple[int, int]:
        """How many messages went, and how many would have."""
        return tuple(  # type: ignore[return-value] # of two
            sum(number for (_, outcome), number in counts.items() if outcome == "sent")
            for counts in (self.before, self.after)
        )


def _count(counts: Counter[tuple[Subject, str]], fates: Iterable[Fate]) -> int:
    """Count outcomes; how many of them are messages."""
    messages = 0
    for fate in fates:
        counts[(fate.topic, fate.campaign), fate.outcome] += 1
        messages += fate.interrupts
    return messages


def lag(waited: timedelta) -> str:
    """The name of a wait."""
    return next((name for name, most in LAGS if waited <= most), LATER)
