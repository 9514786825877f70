"""In which order the lanes are asked: by priority, and inside a priority in turn."""

import random

from models.ids import BUCKETS
from models.queries.dispatch import Ask
from models.queries.routing import EVERYWHERE, Slice, slice_of

_PRIORITIES = 10
_LANES = 16
_PARTS = 8
"""Into so many parts the buckets are split among rivals."""


class Turns:
    """Whose turn it is: each claim begins one lane further, so no topic starves another."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._turn = 0
        self._served = 1
        self._rivals = False

    def ask(self) -> Ask:
        """The next claim; a lane gets its share of the batch when others were waiting too."""
        self._turn = (self._turn + 1) % _LANES
        lanes = tuple(
            priority * _LANES + (self._turn + offset) % _LANES
            for priority in reversed(range(_PRIORITIES))
            for offset in range(_LANES)
        )
        return Ask(lanes, -(-self._limit // self._served), self._limit)

    def served(self, lanes: set[int]) -> None:
        """Take note of the lanes that had rows in the last claim."""
        self._served = max(1, len(lanes))

    def slice(self) -> Slice:
        """Where to look: everywhere, or in some of the buckets while rivals look as well.

        Rows that are seen without a lock are seen by every process, and all but one of them fill
        in vain: two processes on a full queue took twice the CPU of one.
        """
        part = random.randrange(_PARTS)  # noqa: S311 - only to be elsewhere than the others
        return slice_of(range(part, BUCKETS, _PARTS)) if self._rivals else EVERYWHERE

    def got(self, seen: int, locked: int) -> None:
        """Take note of how many of the rows that were seen no rival had locked or ended."""
        crowded = 2 * seen >= self._limit
        self._rivals = crowded and (self._rivals or 2 * locked < seen)
