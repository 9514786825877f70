"""In which order the lanes are asked: by priority, and inside a priority in turn."""

from models.queries.dispatch import Ask

_PRIORITIES = 10
_LANES = 16


class Turns:
    """Whose turn it is: each claim begins one lane further, so no topic starves another."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._turn = 0
        self._served = 1

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
