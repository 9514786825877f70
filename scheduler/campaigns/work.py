"""A run that a worker brings further, and what it says."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from delivery.campaigns.body import CampaignBody, Step
from models.records import Run, Topic
from scheduler.planning.intake import Again
from scheduler.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Work:
    """A run as it was read at a moment.

    Attributes:
        again: It went further before, in a history that was lost: what it plans may have gone.
    """

    runtime: Runtime
    run: Run
    body: CampaignBody
    topic: Topic
    now: datetime
    again: Again | None = None

    def step(self, key: str) -> Step:
        """A step of its campaign."""
        return next(one for one in self.body.steps if one.key == key)


async def side_by_side(batch: Callable[[], Awaitable[int]]) -> int:
    """Two batches of a run at once: one is computed while Postgres writes the other.

    Each takes parts that nobody else has, so they are strangers to each other as those of two
    workers are.
    """
    return sum(await asyncio.gather(batch(), batch()))
