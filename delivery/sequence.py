"""The steps of a topic in their order: which of them wait, and for whom. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from models import ids
from models.records import Step, Topic

LOOK_AGAIN = timedelta(hours=1)
"""How often a waiting step looks by itself, should the word of the one before it be lost."""


def earlier(topic: Topic, step: Step) -> Sequence[Step]:
    """The steps before this one; none where it was taken off the topic meanwhile."""
    keys = [one.key for one in topic.steps]
    return topic.steps[: keys.index(step.key)] if step.key in keys else ()


def waits(topic: Topic, step: Step) -> bool:
    """Whether it waits for the step before it; the first waits for nobody."""
    return step.after is not None and bool(earlier(topic, step))


def follower(topic: Topic, step: Step) -> Step | None:
    """The step that waits for this one."""
    behind = topic.steps[len(earlier(topic, step)) + 1 :]
    return behind[0] if behind and behind[0].after is not None else None


def looked_at(event: UUID, recipient: str, topic: Topic, step: Step) -> list[UUID]:
    """The deliveries that decide about a waiting step, in order; the last is the one before it."""
    if not waits(topic, step):
        return []
    return [
        ids.delivery_id(event, recipient, before.channel, before.key)
        for before in earlier(topic, step)
    ]
