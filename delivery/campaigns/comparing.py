"""Variants against those who were held out: did what they got change what they did? Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from delivery.campaigns.statistics import Difference, Share
from models.readings.campaigns import Group

_CONTROLS = ("holdout", "global_holdout")
"""What the others are held against: the campaign's own holdout, else that of all campaigns."""


@dataclass(frozen=True, slots=True)
class Arm:
    """People who were treated alike, and how many of them did what the campaign is for.

    Attributes:
        held_out: Which holdout they are; empty: they were to get it.
        variant: What they were to get; empty where there is one way to say it.
        lift: How much more often they did it than those held out; `None` where there are none.
    """

    held_out: str
    variant: str
    share: Share
    lift: Difference | None = None

    @property
    def relative(self) -> float | None:
        """The lift as a share of what those held out did; `None`: they did nothing."""
        if self.lift is None or not self.lift.control.hits:
            return None
        return self.lift.points / self.lift.control.rate


def arms(groups: Iterable[Group]) -> list[Arm]:
    """All groups over all runs, those held out last."""
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    for one in groups:
        key = one.held_out, one.variant
        reached, people = counted.get(key, (0, 0))
        counted[key] = reached + one.reached, people + one.people
    shares = {key: Share(*numbers) for key, numbers in counted.items()}
    control = next((shares[one, ""] for one in _CONTROLS if (one, "") in shares), None)
    return [
        Arm(held, variant, share, _lift(share, control) if not held else None)
        for (held, variant), share in sorted(shares.items())
    ]


def _lift(share: Share, control: Share | None) -> Difference | None:
    return None if control is None else Difference(share, control)
