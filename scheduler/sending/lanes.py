"""In which order the lanes are asked: by priority, and inside a priority in turn."""

import random
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from models.ids import BUCKETS
from models.queries.routing import TOGETHER, Shards, Slice, slice_of
from models.queries.sending.dispatch import Ask
from models.records import PRIORITIES, Class, Topic

_PRIORITIES = 10
_CRITICAL = PRIORITIES[Class.CRITICAL][0]
_LANES = 16
_TOPICS = 64
"""Topics of a class that one claim of outbox rows asks."""
_BY_AGE = 8
"""Every so many claims of outbox rows one goes by age alone."""
_PARTS = 8
"""Into so many parts the buckets are split among rivals."""


@lru_cache(maxsize=4 * _PARTS)
def _slice(buckets: range) -> Slice:
    return slice_of(buckets)


class Turns:
    """Whose turn it is: each claim begins one lane further, so no topic starves another."""

    def __init__(self, limit: int, mine: range = range(BUCKETS)) -> None:
        """Claims of at most `limit` rows, where all is one Postgres of these buckets."""
        self._limit = limit
        self._mine = mine
        # Somewhere, so that processes which start together do not look at the same together.
        self._look = random.randrange(BUCKETS)  # noqa: S311
        self._spread = 1
        self._served = 1
        self._rivals = False

    def ask(self) -> Ask:
        """The next claim; a lane gets its share of the batch when others were waiting too."""
        self._look += 1
        turn = self._look // self._spread
        lanes = tuple(
            priority * _LANES + (turn + offset) % _LANES
            for priority in reversed(range(_PRIORITIES))
            for offset in range(_LANES)
        )
        return Ask(lanes, -(-self._limit // self._served), self._limit)

    def urgent(self) -> Ask:
        """A claim of critical rows alone, for when there is no room for others."""
        asked = self.ask()
        lanes = tuple(lane for lane in asked.lanes if lane >= _CRITICAL * _LANES)
        return Ask(lanes, asked.share, asked.limit)

    def served(self, lanes: set[int]) -> None:
        """Take note of the lanes that had rows in the last claim."""
        self._served = max(1, len(lanes))

    def slice(self, shards: Shards = TOGETHER) -> Slice:
        """Where to look: in one shard after the other; where there is but one, in our buckets.

        While rivals look as well, it is in some of its buckets: rows that are seen without a
        lock are seen by every process, and all but one of them fill in vain. Two processes on a
        full queue took twice the CPU of one.
        """
        self._spread = len(shards.slices)
        if self._spread > 1:
            return shards.slices[self._look % self._spread]
        part = random.randrange(_PARTS)  # noqa: S311 - only to be elsewhere than the others
        return _slice(self._mine[part::_PARTS] if self._rivals else self._mine)

    def got(self, seen: int, locked: int) -> None:
        """Take note of how many of the rows that were seen no rival had locked or ended."""
        crowded = 2 * seen >= self._limit
        self._rivals = crowded and (self._rivals or 2 * locked < seen)


class Rounds:
    """Which topics are asked first when rows are planned: by class, and in turn inside a class."""

    def __init__(self) -> None:
        self._turn = 0
        self._served = 1

    def ask(self, topics: Iterable[Topic]) -> list[str]:
        """Topics in the order they are asked.

        Of very many of a class only some are asked at once, others the next time, so that a claim
        costs the same however many there are.
        """
        self._turn += 1
        by_class: dict[Class, list[str]] = {klass: [] for klass in Class}
        for topic in topics:
            by_class[topic.klass].append(topic.key)
        turned = (self._turned(sorted(keys)) for keys in by_class.values())
        return [key for keys in turned for key in keys[:_TOPICS]]

    def share(self, limit: int) -> int:
        """The most rows of one topic, when others were waiting too."""
        return -(-limit // self._served)

    def served(self, topics: Collection[str]) -> None:
        """Take note of the topics that had rows in the last claim."""
        self._served = max(1, len(topics))

    def by_age(self) -> bool:
        """Whether it is the turn of the oldest rows: no topic waits for ever, known or not."""
        return self._turn % _BY_AGE == 0

    def _turned(self, keys: Sequence[str]) -> list[str]:
        start = self._turn % len(keys) if keys else 0
        return [*keys[start:], *keys[:start]]
