"""How fast a day passes. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan

from scheduler.demo.replay import Offer


@dataclass(frozen=True, slots=True)
class Pace:
    """A speed, and where in the day the waiting begins.

    Attributes:
        speed: Seconds of the day that pass in a second; infinite: nothing is waited for.
        origin: Seconds into the day; what comes before is not waited for.
    """

    speed: float
    origin: float = 0.0

    def horizon(self, elapsed: float) -> float:
        """How far into the day we are so many seconds after the start, in seconds."""
        return inf if self.speed == inf else self.origin + elapsed * self.speed

    def lasts(self, offers: Sequence[Offer]) -> float:
        """Seconds until the last row is due; offers are in the order of their moments."""
        return max(offers[-1].offset - self.origin, 0.0) / self.speed if offers else 0.0

    def due(self, offers: Sequence[Offer], elapsed: float) -> int:
        """How many of the day's rows should have been written by now."""
        return bisect_right(offers, self.horizon(elapsed), key=lambda offer: offer.offset)


def speed_of(text: str) -> float:
    """A speed as people write it: times real time, or `max` (also 0) for as fast as it goes.

    Raises:
        ValueError: It is neither.
    """
    if text in {"max", "0"}:
        return inf
    speed = float(text)
    if isnan(speed) or speed <= 0:
        raise ValueError(f"{text} is no speed")
    return speed


def origin_of(offers: Sequence[Offer], taken: frozenset[str]) -> float:
    """Where the waiting begins when a day is replayed again: after the last row that was taken."""
    known = (offer.offset for offer in offers if offer.row.dedup_key in taken)
    return max(known, default=0.0)
