"""A run that a worker brings further, and what it says."""

from dataclasses import dataclass
from datetime import datetime

from delivery.campaigns.body import CampaignBody, Step
from models.records import Run, Topic
from scheduler.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Work:
    """A run as it was read at a moment."""

    runtime: Runtime
    run: Run
    body: CampaignBody
    topic: Topic
    now: datetime

    def step(self, key: str) -> Step:
        """A step of its campaign."""
        return next(one for one in self.body.steps if one.key == key)
