"""Which rules may be about a topic's news, and what each does to it. Pure.

A rule may also name orgs, tags or campaigns: then it is about some of the topic's news.
"""

from enum import StrEnum

from delivery.classes import Gate, Pass, how, passes
from delivery.rulebook.hours import FEED
from models.records import Cap, Picks, QuietHours, Topic


class Bearing(StrEnum):
    """What a rule does to a topic's news."""

    HOLDS = "holds"
    """It waits for the end of the quiet."""
    LIMITS = "limits"
    """What is over the limit does not go, or not yet."""
    COUNTS = "counts"
    """It takes slots that others then lack, and needs none itself."""


def bearing(rule: Cap | QuietHours, topic: Topic) -> Bearing | None:
    """What a rule does to some of a topic's news; `None`: nothing."""
    if not _about(rule.picks, topic):
        return None
    klass = topic.klass
    if isinstance(rule, QuietHours):
        free = how(klass, Gate.QUIET_HOURS) is Pass.ALWAYS
        named = klass in rule.picks.classes
        passing = free or passes(klass, Gate.QUIET_HOURS, named=named)
        return None if passing else Bearing.HOLDS
    if rule.limit is None:
        return None
    if klass not in rule.exempts:
        return Bearing.LIMITS
    return Bearing.COUNTS if klass in rule.counts else None


def _about(picks: Picks, topic: Topic) -> bool:
    """The feed disturbs nobody: a rule is about it only where it names it."""
    channels = {step.channel for step in topic.steps}
    return (
        bool(channels & picks.channels if picks.channels else channels - {FEED})
        and (not picks.classes or topic.klass in picks.classes)
        and (not picks.categories or topic.category in picks.categories)
        and (not picks.topics or topic.key in picks.topics)
    )


def is_partial(picks: Picks) -> bool:
    """Whether a rule is about some people, tags or campaigns alone."""
    return bool(picks.orgs or picks.tags or picks.campaigns)
