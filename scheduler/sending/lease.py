"""A batch's right to hand its messages over, measured on a clock that sleeps with nobody."""

import time
from collections.abc import Callable
from dataclasses import dataclass

SAFETY = 5.0
"""Seconds before its end from which a lease no longer counts."""


def boottime() -> float:
    """Seconds since boot, time asleep included (CLOCK_BOOTTIME): a frozen worker sees it jump."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass
class BatchLease:
    """Until when a batch is ours; `ends` grows when the lease is renewed.

    Attributes:
        ends: On the clock of `now`. Taken before the database was asked, so never late.
        now: `boottime`, but in a simulation.
    """

    ends: float
    now: Callable[[], float] = boottime

    def holds(self) -> bool:
        """Whether it is ours for at least 5 more seconds."""
        return self.now() < self.ends - SAFETY
