"""Rounds of contenders in turn, A B C A B C …: what disturbs one disturbs its neighbours too."""

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

Figures = Mapping[str, float]
"""What one run of a contender measured, by name."""
Contenders = Mapping[str, Callable[[], Figures]]
"""Who takes part, in the order of a round."""


class Spread(NamedTuple):
    """The middle of some figures, and how far they lie apart."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        ordered = sorted(values)
        return cls(statistics.median(ordered), ordered[0], ordered[-1])


@dataclass(frozen=True, slots=True)
class Result:
    """All rounds of one benchmark.

    Attributes:
        runs: By contender, in the order of the rounds.
    """

    name: str
    runs: Mapping[str, list[Figures]]

    def spread(self, contender: str, figure: str) -> Spread:
        """One figure of one contender over all rounds."""
        return Spread.of(run[figure] for run in self.runs[contender])

    def ratio(self, ours: str, than: str, figure: str) -> Spread:
        """How much more of it one has than the other, round by round."""
        pairs = zip(self.runs[ours], self.runs[than], strict=True)
        return Spread.of(one[figure] / other[figure] for one, other in pairs)


def interleave(name: str, contenders: Contenders, rounds: int) -> Result:
    """Let everybody run once a round."""
    runs: dict[str, list[Figures]] = {contender: [] for contender in contenders}
    for _ in range(rounds):
        for contender, run in contenders.items():
            runs[contender].append(run())
    return Result(name, runs)
