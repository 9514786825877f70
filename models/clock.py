"""The one clock: the database's time, carried by the local monotonic clock between readings."""

import time
from datetime import UTC, datetime, timedelta

SAMPLE_EVERY = 10.0
"""Seconds between two readings of the database's clock."""


class Clock:
    """The database's time, sampled now and then and carried by the local monotonic clock."""

    def __init__(self) -> None:
        self._base = datetime.now(UTC)
        self._mark = time.monotonic()
        self._sampled = float("-inf")

    def now(self) -> datetime:
        """The database's time, UTC."""
        return self._base + timedelta(seconds=time.monotonic() - self._mark)

    def is_stale(self) -> bool:
        """Whether the database's clock should be read again."""
        return time.monotonic() - self._sampled > SAMPLE_EVERY

    def sample(self, database_time: datetime, asked: float, answered: float) -> None:
        """Take over a reading made between two monotonic moments, in seconds."""
        self._base = database_time
        self._mark = (asked + answered) / 2
        self._sampled = answered

    def skew(self) -> float:
        """Seconds this machine's clock is ahead of the database's."""
        return (datetime.now(UTC) - self.now()).total_seconds()
