"""How sure the rates of a report are: intervals of 95 %, and when there are too few. Pure.

Wilson's score interval for one proportion; Newcombe's hybrid score interval for the difference of
two: R. G. Newcombe, "Interval estimation for the difference between independent proportions:
comparison of eleven methods", Statistics in Medicine 17 (1998), method 10.
"""

from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054
"""The normal quantile of a two-sided 95 %."""
FEW = 100
"""With fewer in a group a rate is shown with a warning."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, and between which shares the true one lies with 95 % confidence."""

    hits: int
    of: int

    @property
    def rate(self) -> float:
        """The share as it was counted; 0 of nothing."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's bounds; anything is possible of nothing."""
        if not self.of:
            return 0.0, 1.0
        square = Z * Z
        centre = self.rate + square / (2 * self.of)
        spread = Z * sqrt(self.rate * (1 - self.rate) / self.of + square / (4 * self.of**2))
        whole = 1 + square / self.of
        return max(0.0, (centre - spread) / whole), min(1.0, (centre + spread) / whole)

    @property
    def is_small(self) -> bool:
        """Whether it is of too few to conclude from."""
        return self.of < FEW


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more often it happened in one group than in the other."""

    group: Share
    control: Share

    @property
    def points(self) -> float:
        """The difference of the rates as they were counted."""
        return self.group.rate - self.control.rate

    @property
    def interval(self) -> tuple[float, float]:
        """Newcombe's bounds."""
        (low, high), (least, most) = self.group.interval, self.control.interval
        down = sqrt((self.group.rate - low) ** 2 + (most - self.control.rate) ** 2)
        up = sqrt((high - self.group.rate) ** 2 + (self.control.rate - least) ** 2)
        return max(-1.0, self.points - down), min(1.0, self.points + up)

    @property
    def is_clear(self) -> bool:
        """Whether the groups differ for sure: both are large enough, and 0 is outside."""
        low, high = self.interval
        return not (self.group.is_small or self.control.is_small) and (low > 0 or high < 0)
